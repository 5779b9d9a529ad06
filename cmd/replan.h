/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replan: cells of a result as a plan. They may come from a hostile file, so each goes the way of a
 * person's options: it is written as the options that ask for it, which are parsed, planned and
 * checked as those of "run" are; and what comes out must be the cell again.
 */
#ifndef SEVPINBENCH_CMD_REPLAN_H
#define SEVPINBENCH_CMD_REPLAN_H

#include "run_options.h"

/*
 * The cells that o wants, as this host makes them: o->plan says what it offers (kvm_demand), if
 * it was looked at.
 * Returns their number or -errno: -EINVAL where no options ask for such a cell, -ENOTSUP where
 * this host or version makes another of it.
 */
int replan_cells(const struct run_options *o, bool looked, struct cell *cells, uint32_t room,
		 struct fault *f);

/*
 * Where a plan is to be repeated, a part of it is no use: tell the first of the cells that cannot
 * be measured here, if there is any. An exit code.
 */
int replan_refuse(const char *verb, const struct record *r);

#endif
