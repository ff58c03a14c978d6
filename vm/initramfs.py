# SPDX-License-Identifier: GPL-2.0-only
"""Packs the guest's root: an uncompressed cpio archive ("newc"), written without root's rights.

The guest's root holds busybox, the binaries of the build, the workload tools, the shared libraries
that all of them name, and the guest's own scripts. Nothing else of the host is in it.
"""

import os
import re
import stat
import subprocess
import tempfile

GUEST_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest")
TOOLS = ["hackbench", "stress-ng"]
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"
GROUP = "root:x:0:\nnogroup:x:65534:\n"


class MissingPart(Exception):
    """Something that the guest cannot do without is not on this machine."""


class Archive:
    """A cpio archive in memory. Parents of what is added are added before it."""

    def __init__(self):
        self._chunks = []
        self._names = set()

    def add_folder(self, name):
        self._parents(name)
        if name not in self._names:
            self._entry(name, stat.S_IFDIR | 0o755, b"")

    def add_file(self, name, data, mode=0o755):
        self._parents(name)
        self._entry(name, stat.S_IFREG | mode, data)

    def add_device(self, name, major, minor):
        self._parents(name)
        self._entry(name, stat.S_IFCHR | 0o600, b"", (major, minor))

    def to_bytes(self):
        self._entry("TRAILER!!!", 0, b"")
        return b"".join(self._chunks)

    def _parents(self, name):
        parent = os.path.dirname(name)
        if parent and parent not in self._names:
            self.add_folder(parent)

    def _entry(self, name, mode, data, device=(0, 0)):
        self._names.add(name)
        fields = [len(self._names), mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0]
        head = ("070701" + "".join("%08X" % field for field in fields)).encode() + name.encode()
        for chunk in (head + b"\0", data):
            self._chunks.append(chunk)
            self._chunks.append(b"\0" * (-len(chunk) % 4))


def find_program(name):
    for folder in ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    raise MissingPart(f"{name} is not installed: run packaging/install_packages.sh")


def shared_libraries(program):
    """The files that the dynamic loader would map for `program`: none for a static one."""
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", listing)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def without_debug_information(path):
    """A program as it is, but for what only a debugger reads, which is most of it."""
    if not read(path).startswith(b"\x7fELF"):
        return read(path)
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["strip", "--strip-debug", "-o", file.name, path], check=True)
        return read(file.name)


def build_root(binaries):
    """The guest's root with `binaries`, a list of paths of ours, in /bin. Libraries keep their own
    paths, which is where the loader looks for them."""
    archive = Archive()
    for folder in ["proc", "sys", "dev", "tmp", "root", "run", "sbin", "usr/bin", "usr/sbin"]:
        archive.add_folder(folder)
    archive.add_device("dev/console", 5, 1)
    archive.add_file("etc/passwd", PASSWD.encode(), 0o644)
    archive.add_file("etc/group", GROUP.encode(), 0o644)
    busybox = find_program("busybox")
    if shared_libraries(busybox):
        raise MissingPart("busybox is not the static one: install busybox-static")
    archive.add_file("bin/busybox", read(busybox))
    libraries = set()
    programs = {path: read(path) for path in map(find_program, TOOLS)}
    programs |= {path: without_debug_information(path) for path in binaries}
    for path, data in programs.items():
        archive.add_file("bin/" + os.path.basename(path), data)
        libraries.update(shared_libraries(path))
    for path in sorted(libraries):
        archive.add_file(path.lstrip("/"), read(path))
    for name in sorted(os.listdir(GUEST_FOLDER)):
        archive.add_file("guest/" + name, read(os.path.join(GUEST_FOLDER, name)))
    return archive.to_bytes()


def pack_script(text):
    """A second archive, laid behind the root's, with what this boot shall run."""
    archive = Archive()
    archive.add_file("guest/script", text.encode())
    return archive.to_bytes()
