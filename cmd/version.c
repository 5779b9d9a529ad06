// SPDX-License-Identifier: GPL-2.0-or-later
/* version: the one file that is compiled anew when the revision changes. */
#include "version.h"

const char version_number[] = SEVPINBENCH_VERSION;
const char version_git_revision[] = SEVPINBENCH_GIT_REVISION;
