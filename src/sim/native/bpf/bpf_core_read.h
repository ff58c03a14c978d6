/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for libbpf's header of this name: natively nothing needs relocating. */
#pragma once
