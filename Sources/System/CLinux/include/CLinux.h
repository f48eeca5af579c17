/* SPDX-License-Identifier: Apache-2.0 */
/* Thin shims over the kernel and over the hooks of the Swift runtime. No state but what a comment
   names, and no Swift in it. Functions answer a negative errno on failure. */
#pragma once
#include "address.h"
#include "changes.h"
#include "child.h"
#include "datagrams.h"
#include "executor.h"
#include "files.h"
#include "gpio.h"
#include "local.h"
#include "poll.h"
#include "process.h"
#include "streams.h"
