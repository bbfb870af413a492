// SPDX-License-Identifier: GPL-2.0-only
/* Records which sources this module is built from: see source-identity.sh. */
#include <linux/module.h>

MODULE_INFO(source_identity, SOURCE_IDENTITY);
