/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Opens a descriptor that becomes readable when an entry of the directory at `path` comes, goes, is
   renamed or changes its permissions. Failure is a negative errno. */
int clinux_changes_open(const char *path);
/* Takes what has happened so far; answers whether any of it is about an entry whose name begins with
   `prefix`, or so much has happened that nobody knows. */
int clinux_changes_take(int descriptor, const char *prefix);
