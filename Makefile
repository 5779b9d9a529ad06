# SPDX-License-Identifier: GPL-2.0-or-later
# sevpinbench. "make help" lists the targets. Add a new source file to its floor's list below.

VERSION = 0.1.0

O      = build
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/sevpinbench
LIBDIR = $(PREFIX)/lib
INCDIR = $(PREFIX)/include/sevpinbench
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR  = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
UNITDIR = $(PREFIX)/lib/systemd/system

PKG_CONFIG = pkg-config
CFLAGS     = -O2 -g
LANGUAGE   = -std=gnu11 -D_GNU_SOURCE -Iinclude
WARNINGS   = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual \
	     -Wformat=2 -Wvla

# ---- sources: one list a floor, the lowest first; tools/floors checks who includes whom ----

BASE     = fault units clock words sys file_beside stop thread gang sandbox crew
HOST     = host_file cgroup cpu cpus memory numa pin_counters flush_counter kernel_pinning host \
	   host_msr host_pagemap fingerprint host_zones host_moves host_watch
STATS    = summary line trend histogram random sort rank_sum two_samples shift serial
KVM      = vm vcpu sev snp guest_stats snp_status
GUEST    = guest_memory boot payload
PIN      = ledger pin io_uring kvm_region pin_team userfault userfault_fill userfault_team
LAUNCH   = sample vcpu_team placement steps pin_points observe launch probe round
CAMPAIGN = record plan preflight disturbance campaign
CHECK    = check context experiment check_machine check_processor check_kvm check_firmware \
	   check_memory check_limits check_kernel check_pinning check_timing
AUDIT    = audit expect story probes holder audit_counted audit_pages audit_unmovable \
	   audit_released audit_limit audit_regions audit_flushes
COMPARE  = metric cell_fields compare_side row compare gate gate_noise fleet fleet_rows
VIEW     = plain_text cell_summary cell_sources cell_traits cell_view compare_text compare_notes \
	   fleet_text
PLOT     = gnuplot plot_ink plot_ticks plot_frame plot_chart plot_chart_script plot_chart_cross \
	   plot_startup plot_cost plot_faults plot_faults_script plot_phases plot_pins plot_dist \
	   result_bars result_plot
JSON     = json_alloc json_at json_field json_scan json_pattern json_stream json_tables json_out \
	   json_findings json_host json_counts json_faults json_sample json_summary json_cell_audit \
	   json_record_read json_record_write result_json journal check_json audit_json \
	   compare_json fleet_json gate_config
REPORT   = escape grid table_columns table_notes table_meaning table_audit table_touch \
	   table_rounds result_table html openmetrics report_markdown report_html result_report \
	   check_table audit_table compare_table fleet_table gate_words gate_text gate_junit
CMD      = main verbs help version tool say reading parse options completion completion_bash \
	   completion_zsh completion_fish run_values run_options replan run_audit output progress \
	   terminal dry_run run check audit results sides fleet_output compare gate_output gate_judge gate_run gate baseline_store \
	   baseline plot report recover

LIB_SOURCES = $(BASE:%=src/base/%) $(HOST:%=src/host/%) $(STATS:%=src/stats/%) \
	      $(KVM:%=src/kvm/%) $(GUEST:%=src/guest/%) $(PIN:%=src/pin/%) \
	      $(LAUNCH:%=src/launch/%) $(CAMPAIGN:%=src/campaign/%) $(CHECK:%=src/check/%) \
	      $(AUDIT:%=src/audit/%) \
	      $(COMPARE:%=src/compare/%) $(VIEW:%=src/view/%) $(PLOT:%=src/plot/%) \
	      $(JSON:%=src/json/%) $(REPORT:%=src/report/%)
CMD_SOURCES = $(CMD:%=cmd/%)

MAN1 = sevpinbench.1 sevpinbench-run.1 sevpinbench-check.1 sevpinbench-audit.1 \
	   sevpinbench-compare.1 sevpinbench-gate.1 sevpinbench-baseline.1 sevpinbench-plot.1 \
	   sevpinbench-report.1 sevpinbench-recover.1 sevpinbench-completion.1
MAN5 = sevpinbench-result.5
MAN7 = sevpinbench-tutorial.7
MAN8 = sevpinbench.service.8
DOCS = README.md LICENSE docs/result.schema.json docs/check.schema.json docs/audit.schema.json \
       docs/compare.schema.json docs/gate.schema.json docs/fleet.schema.json

# Below $(DOCDIR)/examples; results/ there is what the manual's examples compare.
EXAMPLES = README.md gate.sh github-actions.yml gitlab-ci.yml Jenkinsfile \
	   slurm/sevpinbench.sbatch ansible/sevpinbench.yml
EXAMPLE_RESULTS = $(patsubst %,compare/%,base same slower few kernel bounds) \
		  $(patsubst %,fleet/%,a1 a2 a3 a4 b1 b2)

# Every tests/unit/test_NAME.c is a program of its own: no list to forget a test in.
UNIT = $(patsubst tests/unit/%.c,$(O)/tests/%,$(wildcard tests/unit/test_*.c))

# ---- what is built from them ----

LIB_OBJECTS = $(LIB_SOURCES:%=$(O)/obj/%.o)
CMD_OBJECTS = $(CMD_SOURCES:%=$(O)/obj/%.o)
LIB         = $(O)/libsevpinbench.a
PROGRAM     = $(O)/sevpinbench

# ":=" asks pkg-config once; the test library is asked for only where a test is built.
PACKAGES      = libseccomp jansson gsl liburing libcpuid numa
PKG_CFLAGS   := $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
PKG_LIBS     := $(shell $(PKG_CONFIG) --libs $(PACKAGES))
TEST_PKG_LIBS = $(shell $(PKG_CONFIG) --libs check)

COMPILE = $(CC) $(LANGUAGE) $(WARNINGS) -pthread $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) -pthread $(CFLAGS) $(LDFLAGS)
LIBS    = $(PKG_LIBS) -pthread $(LDLIBS)

# A short line a step, or with V=1 the whole command.
Q   = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),:,printf '  %-7s %s\n') # "$(say) CC file"

all: $(PROGRAM)

$(PROGRAM): $(CMD_OBJECTS) $(LIB)
	@$(say) LINK $@
	$(Q)$(LINK) -o $@ $(CMD_OBJECTS) $(LIB) $(LIBS)

# Removed first: an object that left the list must leave the library too.
$(LIB): $(LIB_OBJECTS)
	@$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIB_OBJECTS)

$(O)/obj/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	@$(say) CC $<
	$(Q)$(COMPILE) $(VERSION_FLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/%.o: %.S $(O)/flags
	@mkdir -p $(@D)
	@$(say) AS $<
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# Rewritten, and with it all objects rebuilt, only when compiler or flags are others.
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(COMPILE)' | cmp -s - $@ || printf '%s\n' '$(COMPILE)' >$@

# Rewritten only when the revision is another: one file is compiled again, not all.
$(O)/git-revision: FORCE
	@mkdir -p $(@D)
	@tools/git-revision >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(O)/obj/cmd/version.o: $(O)/git-revision Makefile
$(O)/obj/cmd/version.o: private VERSION_FLAGS = -DSEVPINBENCH_VERSION='"$(VERSION)"' \
	-DSEVPINBENCH_GIT_REVISION="\"$$(cat $(O)/git-revision)\""

# A program that defines __wrap_NAME(), itself or in a header beside it, gets every call of NAME() in
# the library (ld's --wrap).
wraps = $$(sed -n 's/^[^;]*\b__wrap_\([a-z0-9_]*\)(.*/-Wl,--wrap=\1/p' $(1)/$*.c \
	$$(sed -n 's,^\#include "\([a-z_]*\.h\)",$(1)/\1,p' $(1)/$*.c) | sort -u)

$(O)/tests/%: $(O)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	@$(say) LINK $@
	$(Q)$(LINK) -o $@ $< $(LIB) $(LIBS) $(TEST_PKG_LIBS) $(call wraps,tests/unit)

$(O)/bench/%: $(O)/obj/bench/%.o $(LIB)
	@mkdir -p $(@D)
	@$(say) LINK $@
	$(Q)$(LINK) -o $@ $< $(LIB) $(LIBS) $(call wraps,bench)

# ---- tests ----

SANITIZE = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

check: all unit
	$(Q)O=$(O) tests/run unit script

check-unit: unit
	$(Q)O=$(O) tests/run unit

check-script: all
	$(Q)O=$(O) tests/run script

check-asan:
	+$(Q)$(MAKE) --no-print-directory O=$(O)/asan CFLAGS='$(SANITIZE)' check-unit

check-valgrind: unit
	$(Q)O=$(O) LIMIT_S=1200 tests/run --under tests/leak-check unit

unit: $(UNIT)

# Hostile input, made by libFuzzer: programs of their own, built by clang with sanitizers. FUZZ_ARGS
# is for tests/fuzz/run: -t SECONDS for each target, -n EXECUTIONS, names of targets.
FUZZ       = $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_FLAGS = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	     -fno-sanitize-coverage=trace-cmp -fno-omit-frame-pointer

$(O)/fuzz/%: $(O)/obj/tests/fuzz/%.o $(CMD_OBJECTS) $(LIB)
	@mkdir -p $(@D)
	@$(say) LINK $@
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $< $(filter-out %/main.o,$(CMD_OBJECTS)) $(LIB) $(LIBS) \
		$$(sed -n 's/^[^;]*\b__wrap_\([a-z0-9_]*\)(.*/-Wl,--wrap=\1/p' tests/fuzz/$*.c \
			$(FUZZ_WRAPS_$*) | sort -u)

FUZZ_WRAPS_fuzz_result  = tests/fuzz/fuzz_large.h
FUZZ_WRAPS_fuzz_journal = tests/fuzz/fuzz_large.h
FUZZ_WRAPS_fuzz_host    = tests/fuzz/fuzz_large.h

fuzz-programs: $(FUZZ)

fuzz:
	+$(Q)$(MAKE) --no-print-directory CC=clang O=$(O)/fuzz CFLAGS='$(FUZZ_FLAGS)' fuzz-programs
	$(Q)O=$(O)/fuzz tests/fuzz/run $(FUZZ_ARGS)

# Faults made on purpose: docs/reliability.md. All of it: about an hour; check-faults-fast: a minute.
# FAULTS_ARGS is for tests/faults/run.
$(O)/tests/fail_alloc.so: tests/faults/fail_alloc.c
	@mkdir -p $(@D)
	@$(say) LINK $@
	$(Q)$(CC) -shared -fPIC -D_GNU_SOURCE -O2 -Wall -Wextra -o $@ $<

check-faults: sevhost $(O)/tests/fail_alloc.so
	$(Q)O=$(O) tests/faults/run $(FAULTS_ARGS)

check-faults-fast: all $(O)/tests/fail_alloc.so
	$(Q)O=$(O) tests/faults/run -f

lint:
	$(Q)tools/lint

format:
	$(Q)clang-format -i $$(find src cmd include bench tests -name '*.[ch]')

# How fast this tool itself is: a program of bench/, which says in its head what it compares.
bench-programs: $(patsubst bench/%.c,$(O)/bench/%,$(wildcard bench/*.c))

bench-%: all $(O)/bench/%
	$(Q)$(O)/bench/$* $(BENCH_ARGS)

# The virtual SEV host: the emulator and two kernels, built once, then kept. See sevhost/.
sevhost: all
	$(Q)sevhost/build

check-sevhost: sevhost kernel unit
	$(Q)sevhost/selftest
	$(Q)O=$(O) tests/sevhost/run

# kvm-amd.ko with demand pinning, for the kernels of the virtual SEV host. See kernel/.
kernel:
	+$(Q)$(MAKE) --no-print-directory -C kernel

check-kernel: sevhost kernel
	$(Q)kernel/test/run

# The pictures that the repository keeps, once more from results/.
gallery: all
	$(Q)tools/gallery $(PROGRAM)

# ---- the rest ----

COMPLETIONS = $(O)/completion/bash $(O)/completion/zsh $(O)/completion/fish

$(O)/completion/%: $(PROGRAM)
	@mkdir -p $(@D)
	@$(say) MAKE $@
	$(Q)$(PROGRAM) completion $* >$@

completions: $(COMPLETIONS)

# The nightly measurement's units, with the place of the program in them.
UNITS = $(O)/systemd/sevpinbench.service $(O)/systemd/sevpinbench.timer

$(O)/systemd/%: systemd/% FORCE
	@mkdir -p $(@D)
	$(Q)sed 's,^ExecStart=/usr/bin/,ExecStart=$(BINDIR)/,' $< >$@

# What install puts where: source and place. uninstall removes the same, and nothing else.
INSTALL_FILES   = $(foreach page,$(MAN1),man/$(page):$(MANDIR)/man1/$(page)) \
		  $(foreach page,$(MAN5),man/$(page):$(MANDIR)/man5/$(page)) \
		  $(foreach page,$(MAN7),man/$(page):$(MANDIR)/man7/$(page)) \
		  $(foreach page,$(MAN8),man/$(page):$(MANDIR)/man8/$(page)) \
		  $(foreach unit,$(UNITS),$(unit):$(UNITDIR)/$(notdir $(unit))) \
		  $(O)/completion/bash:$(BASHDIR)/sevpinbench \
		  $(O)/completion/zsh:$(ZSHDIR)/_sevpinbench \
		  $(O)/completion/fish:$(FISHDIR)/sevpinbench.fish \
		  $(foreach file,$(DOCS),$(file):$(DOCDIR)/$(notdir $(file))) \
		  $(foreach file,$(EXAMPLES),examples/$(file):$(DOCDIR)/examples/$(file)) \
		  $(foreach file,$(EXAMPLE_RESULTS),\
			tests/fixtures/$(file).json:$(DOCDIR)/examples/results/$(notdir $(file)).json)

install: all completions $(UNITS)
	$(Q)install -D -m 755 $(PROGRAM) $(DESTDIR)$(BINDIR)/sevpinbench
	$(Q)for file in $(INSTALL_FILES); do \
		install -D -m 644 "$${file%%:*}" "$(DESTDIR)$${file#*:}" || exit; \
	done

# Folders of our own go too; others that are left empty may be somebody's.
uninstall:
	$(Q)rm -f $(DESTDIR)$(BINDIR)/sevpinbench
	$(Q)for file in $(INSTALL_FILES); do rm -f "$(DESTDIR)$${file#*:}"; done
	$(Q)[ ! -d $(DESTDIR)$(DOCDIR) ] || find $(DESTDIR)$(DOCDIR) -type d -empty -delete

# For programs that start guests themselves: the library, its headers, what pkg-config asks, and an example.
# The .pc file finds the headers by its own place, wherever all of it is put.
HEADERS   = $(wildcard include/sevpinbench/*.h)
DEV_FILES = $(LIB):$(LIBDIR)/$(notdir $(LIB)) \
	    $(O)/sevpinbench.pc:$(LIBDIR)/pkgconfig/sevpinbench.pc \
	    $(foreach header,$(HEADERS),$(header):$(INCDIR)/$(notdir $(header))) \
	    examples/start-guest.c:$(DOCDIR)/examples/start-guest.c

$(O)/sevpinbench.pc: FORCE
	@mkdir -p $(@D)
	$(Q)printf '%s\n' 'libdir=$${pcfiledir}/..' "includedir=\$${pcfiledir}/$$(realpath -m \
		--relative-to=$(LIBDIR)/pkgconfig $(INCDIR)/..)" '' \
		'Name: sevpinbench' 'Version: $(VERSION)' \
		'Description: start AMD SEV and plain KVM guests, and count what they pin' \
		'Requires: $(PACKAGES)' 'Libs: -L$${libdir} -lsevpinbench -pthread' \
		'Cflags: -I$${includedir}' >$@

install-dev: $(LIB) $(O)/sevpinbench.pc
	$(Q)for file in $(DEV_FILES); do \
		install -D -m 644 "$${file%%:*}" "$(DESTDIR)$${file#*:}" || exit; \
	done

uninstall-dev:
	$(Q)for file in $(DEV_FILES); do rm -f "$(DESTDIR)$${file#*:}"; done
	$(Q)for folder in $(INCDIR) $(DOCDIR); do \
		[ ! -d "$(DESTDIR)$$folder" ] || find "$(DESTDIR)$$folder" -type d -empty -delete; \
	done

# A release's tarball, of the revision at hand: the same bits whenever and wherever it is made.
DIST = sevpinbench-$(VERSION)

dist:
	@mkdir -p $(O)
	$(Q)git archive --prefix=$(DIST)/ HEAD | gzip -9 -n >$(O)/$(DIST).tar.gz
	@$(say) DIST $(O)/$(DIST).tar.gz

# The Debian package of that tarball, into $(O)/deb. Needs dpkg-dev and debhelper.
deb: dist
	$(Q)rm -rf $(O)/deb && mkdir -p $(O)/deb && tar -xzf $(O)/$(DIST).tar.gz -C $(O)/deb
	$(Q)cd $(O)/deb/$(DIST) && MAKEFLAGS= dpkg-buildpackage -us -uc $(DEB_ARGS)
	$(Q)ls $(O)/deb/*.deb

# Bits, lintian, and the package in a fresh Debian: needs the section [package] of tools/packages.txt.
check-package:
	$(Q)tests/package/run

# The examples for many hosts: needs the section [fleet] of tools/packages.txt.
check-fleet: all
	$(Q)O=$(O) tests/fleet/run

clean:
	rm -rf $(O)

help:
	@echo 'all            $(PROGRAM) (the default)'
	@echo 'check          unit and script tests; check-unit, check-script: one kind'
	@echo 'check-asan     unit tests built with address and undefined-behaviour sanitizers'
	@echo 'check-valgrind unit tests under valgrind'
	@echo 'fuzz           hostile files, options and processors by libFuzzer; FUZZ_ARGS="-t SECONDS"'
	@echo 'check-faults   calls that fail, kills, starvation, a soak, here and on the virtual SEV host'
	@echo 'lint           format, static analysis, floors, man pages, scripts'
	@echo 'format         clang-format all C files in place'
	@echo 'bench-NAME     the program bench/NAME.c: floor (the tool against the bare system calls), peers'
	@echo '               (against QEMU) and others; BENCH_ARGS are its arguments'
	@echo 'sevhost        an emulated AMD machine with SEV, for hosts without it'
	@echo 'check-sevhost  its own test, and that of the program on it: eight minutes a kernel'
	@echo 'kernel         kvm-amd.ko with demand pinning for Debian kernels; check-kernel: its tests'
	@echo 'gallery        the pictures of docs/gallery.md and results/, drawn again'
	@echo 'completions    for bash, zsh and fish, below $(O)/completion'
	@echo 'dist, deb      a tarball of this revision; a Debian package of it; check-package: its tests'
	@echo 'check-fleet    the Slurm job and the Ansible playbook of examples/, on this machine'
	@echo 'install-dev    the library, its headers and its pkg-config file, for programs of your own'
	@echo 'install, uninstall, uninstall-dev, clean'
	@echo 'Variables: CC CFLAGS LDFLAGS O=$(O) PREFIX=$(PREFIX) DESTDIR V=1'

# For tools/lint: the flags and the sources as this file has them.
print-flags:
	@echo '$(LANGUAGE) $(WARNINGS) -pthread $(PKG_CFLAGS)'
print-sources:
	@echo '$(LIB_SOURCES) $(CMD_SOURCES)'

.PHONY: all gallery bench-programs check-faults check-faults-fast fuzz fuzz-programs sevhost check-sevhost kernel check-kernel check check-unit check-script check-asan check-valgrind unit lint format \
	completions dist deb check-package check-fleet install uninstall install-dev uninstall-dev clean help print-flags print-sources FORCE
.SECONDARY:
.DELETE_ON_ERROR:

-include $(LIB_OBJECTS:.o=.d) $(CMD_OBJECTS:.o=.d) $(wildcard $(O)/obj/tests/unit/*.d $(O)/obj/tests/fuzz/*.d $(O)/obj/bench/*.d)
