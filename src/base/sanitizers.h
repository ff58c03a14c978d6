// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// Whether the address sanitizer is built in, which each compiler says in its own way.
#if defined(__SANITIZE_ADDRESS__)
#define SCX_PAIR_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SCX_PAIR_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef SCX_PAIR_ADDRESS_SANITIZER
#define SCX_PAIR_ADDRESS_SANITIZER 0
#endif
