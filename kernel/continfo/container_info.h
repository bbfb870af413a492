/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VIGIA_CONTAINER_INFO_H
#define VIGIA_CONTAINER_INFO_H

#include "../common/report_file.h"

extern const struct report_shape container_info_shape;

#endif
