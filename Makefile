# Build all: make.  Run the example: make run.  Test all: make check.  The folders: ARCHITECTURE.md.
#
#   make PRODUCT_ENCLAVE=1   sign an enclave no debugger can open
#   make SIGNING_KEY=FILE    sign with this RSA-3072 key (exponent 3) instead of the tree's own
#   make encl.token          a launch token, for /dev/isgx; from aesmd, or the one at AESM=SOCKET
#   make SANITIZE=1 O=DIR    ASan and UBSan in everything that runs outside the enclave
#   make install DESTDIR=... prefix=...
#   make V=1                 show the commands

MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.SUFFIXES:
.PHONY: all tests run check check-built judges bench install clean FORCE
all:

ifeq ($(origin CC),default)
CC := gcc
endif
CC      ?= gcc
OBJCOPY ?= objcopy
INSTALL ?= install
PROTOC_C ?= protoc-c
prefix  ?= /usr/local
O       ?= build
PRODUCT_ENCLAVE ?= 0
SANITIZE ?= 0
WERROR  ?= 0
CFLAGS  ?= -O2 -g
SIGNING_KEY ?= $O/signing_key.pem

comma    := ,
Q        := $(if $(filter 1,$(V)),,@)
say       = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' $(1) $@)
san      := $(filter 1,$(SANITIZE))
warnings := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wconversion -Wstrict-prototypes \
	    -Wmissing-prototypes $(if $(filter 1,$(WERROR)),-Werror)
cflags   := -std=gnu17 -D_GNU_SOURCE -I. $(warnings) -MMD -MP
# Programs and tests; then what is loaded into other people's processes, which cannot bring the
# address sanitizer's runtime along: there undefined behaviour traps instead.
host     := $(cflags) -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=$(if $(san),0,2) \
	    $(if $(san),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -DSANITIZE=1)
shared   := $(cflags) -fPIC -fvisibility=hidden -fno-semantic-interposition -fstack-protector-strong \
	    $(if $(san),-fsanitize=undefined -fsanitize-undefined-trap-on-error -DSANITIZE=1)
# No libc, no vector registers: EEXIT has only the general registers to clear.
trusted  := $(cflags) -ffreestanding -fno-builtin -nostdlib -fPIE -mgeneral-regs-only

# For a program that starts once for each command: without the loader it takes a fifth less time.  Empty
# where the sanitizers, which need the loader, or a library without its archive rule that out.
find_file  = $(filter /%,$(shell $(CC) -print-file-name=$(1)))
static_pie = $(if $(san),,$(if $(filter-out $(words $(1)),$(words $(foreach f,$(1),$(call find_file,$f)))),,-static-pie))

# Each module.mk adds to these lists, and for each target what it is made of:
#   progs, libs, tests   paths below $O; <target>-y its sources, <target>-libs what it links,
#                        <target>-map a library's version script, <target>-pie how a program is
#                        linked if not by -pie
#   tools                programs that tests and benchmarks run
#   checks               scripts that print TAP
#   files                other things that `all` makes
#   installs             rows SOURCE:DIRECTORY-BELOW-PREFIX:MODE
progs :=
libs :=
tests :=
tools :=
files :=
installs :=
checks := scripts/check-layers
prog_obj = $(patsubst %,$O/%.o,$(basename $(1)))
lib_obj  = $(patsubst %,$O/%.so.o,$(basename $(1)))

include $(sort $(wildcard lib/*/module.mk) $(wildcard */module.mk) $(wildcard */*/module.mk))

all: $(progs:%=$O/%) $(libs:%=$O/%) $(files)
tests: all $(tests:%=$O/%) $(tools:%=$O/%)

$(progs:%=$O/%) $(tests:%=$O/%) $(tools:%=$O/%): $O/%: $$(call prog_obj,$$($$*-y)) $$($$*-deps)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(host) $(or $($*-pie),-pie) $(CFLAGS) $(call prog_obj,$($*-y)) $(LDFLAGS) -Wl,-z,noexecstack,-z,now $($*-libs) -o $@

$(libs:%=$O/%): $O/%: $$(call lib_obj,$$($$*-y)) $$($$*-map) $$($$*-deps)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(shared) -shared $(CFLAGS) $(call lib_obj,$($*-y)) $(LDFLAGS) -Wl,-z,defs,-z,now,-z,noexecstack \
		-Wl,-soname,$(@F) $(if $($*-map),-Wl$(comma)--version-script=$($*-map)) $($*-libs) -o $@

# Trusted code is compiled by enclave/module.mk.
$O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(host) $(CFLAGS) $($*-cflags) -c $< -o $@

$O/%.o: %.S $O/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(host) $(CFLAGS) -c $< -o $@

$O/%.so.o: %.c $O/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(shared) $(CFLAGS) $($*-cflags) -c $< -o $@

$O/%.so.o: %.S $O/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(shared) $(CFLAGS) -c $< -o $@

# A variable that changes what is built is a prerequisite of it.
flags_now := $(CC) $(CFLAGS) | $(host) | $(shared) | $(trusted) | $(LDFLAGS)
$O/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(flags_now)' | cmp -s - $@ || printf '%s\n' '$(flags_now)' > $@

# Packages first, in a make of their own: what this one needs may be missing when it starts.
run:
	@scripts/deps run
	@$(MAKE) all
	@scripts/run-example $O

# BATS= leaves the integration tests and the outside judges out.
BATS ?= $(sort $(wildcard tests/integration/*.bats tests/external/*.bats))
CHECKS ?= $(checks)
check:
	@scripts/deps check
	@$(MAKE) tests
	@$(MAKE) check-built

check-built:
	@scripts/run-tests $O $(CHECKS) $(tests:%=$O/%) $(BATS)

# Others' tests of OCI runtimes, against rune and the runtimes that it works with.
judges:
	@scripts/deps judges
	@$(MAKE) all
	@scripts/judges $O all

bench:
	@scripts/deps run
	@$(MAKE) tests
	@scripts/bench $O

install: all
	@set -e; $(foreach row,$(installs),$(call install_row,$(subst :, ,$(row)));)

install_row = $(INSTALL) -D -m $(word 3,$(1)) $(word 1,$(1)) $(DESTDIR)$(prefix)/$(word 2,$(1))/$(notdir $(word 1,$(1)))

clean:
	rm -rf $O liberpal-skeleton-v*.so encl.elf encl.bin encl.ss encl.token

-include $(shell find $O -name '*.d' 2>/dev/null)
