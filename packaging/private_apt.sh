#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs an apt tool with a configuration of its own, in build/apt: Debian 13 and its backports, and
# this release's own backports, from the mirror that this machine already uses, with apt's signature
# check. The user's own sources are
# only read. Nothing is installed through it: packages are downloaded and unpacked.
#
# usage: packaging/private_apt.sh update
#        packaging/private_apt.sh apt-get|apt-cache ARGUMENT...
# environment: DEBIAN_MIRROR  a Debian mirror to use instead of the one found
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
home=$root/build/apt
# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
suites="trixie trixie-backports"
# Debian 12's programs cannot use Debian 13's libraries.
[ "$codename" != bookworm ] || suites="$suites bookworm-backports"

fail() {
	echo "private apt: $*" >&2
	exit 1
}

# apt parses the user's sources, whatever their format, and prints what it would fetch; asked of an
# empty state folder it needs no rights and no earlier update. Debian's main archive is the mirror
# that serves this machine's release itself, not its security updates nor anybody's add-ons.
find_mirror() {
	[ -n "$codename" ] || return 0
	mkdir -p "$home/probe/lists/partial"
	apt-get -o Dir::State="$home/probe" -o Debug::NoLocking=true update --print-uris \
		2>/dev/null |
		sed -n "s|^'\(.*\)/dists/$codename/InRelease'.*|\1|p" | grep -E '/debian/?$' |
		head -n 1
}

find_keyring() {
	for file in /usr/share/keyrings/debian-archive-keyring.gpg \
		/usr/share/keyrings/debian-archive-keyring.pgp; do
		[ -e "$file" ] && echo "$file" && return
	done
	fail "no Debian archive keyring: run packaging/install_packages.sh"
}

apt_tool() {
	tool=$1
	shift
	"$tool" -q -o Dir::State="$home/state" -o Dir::Cache="$home/cache" \
		-o Dir::Etc::sourcelist="$home/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::status=/var/lib/dpkg/status -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none -o APT::Default-Release= "$@"
}

write_sources() {
	mirror=${DEBIAN_MIRROR:-$(find_mirror)}
	[ -n "$mirror" ] || fail "no Debian mirror in this machine's sources: set DEBIAN_MIRROR."
	keyring=$(find_keyring)
	for suite in $suites; do
		echo "deb [arch=amd64 signed-by=$keyring] $mirror $suite main"
	done
	echo "deb-src [signed-by=$keyring] $mirror trixie main"
}

# The lists are good for a day: a second run asks the mirror nothing.
update() {
	mkdir -p "$home/state/lists/partial" "$home/cache/archives/partial"
	write_sources >"$home/sources.list.new"
	if cmp -s "$home/sources.list.new" "$home/sources.list" &&
		[ -n "$(find "$home/updated" -mmin -1440 2>/dev/null)" ]; then
		rm "$home/sources.list.new"
		return
	fi
	mv "$home/sources.list.new" "$home/sources.list"
	echo "private apt: reading the lists of $suites from $mirror"
	apt_tool apt-get -o APT::Update::Error-Mode=any update
	touch "$home/updated"
}

case ${1:-} in
update) update ;;
apt-get | apt-cache) apt_tool "$@" ;;
*) fail "usage: private_apt.sh update | apt-get ARGUMENT... | apt-cache ARGUMENT..." ;;
esac
