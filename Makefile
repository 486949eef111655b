# Build all: make.  Run the example: make run.  Test all: make check.  The folders: ARCHITECTURE.md.
#
#   make PRODUCT_ENCLAVE=1   sign an enclave no debugger can open
#   make SIGNING_KEY=FILE    sign with this RSA-3072 key (exponent 3) instead of the tree's own
#   make SANITIZE=1 O=DIR    ASan and UBSan in everything that runs outside the enclave
#   make install DESTDIR=... prefix=...

MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.SUFFIXES:
.PHONY: all run check bench install clean deps tests FORCE
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

# Each module.mk adds to these lists, and for each target what it is made of:
#   progs, libs, tests   paths below $O; <target>-y its sources, <target>-libs what it links,
#                        <target>-map a library's version script
#   files                other things that `all` makes
#   installs             rows SOURCE:DIRECTORY-BELOW-PREFIX:MODE
progs :=
libs :=
tests :=
files :=
installs :=
prog_obj = $(patsubst %,$O/%.o,$(basename $(1)))
lib_obj  = $(patsubst %,$O/%.so.o,$(basename $(1)))

include $(sort $(wildcard lib/*/module.mk) $(wildcard */module.mk) $(wildcard */*/module.mk))

all: $(progs:%=$O/%) $(libs:%=$O/%) $(files)
tests: all $(tests:%=$O/%)

$(progs:%=$O/%) $(tests:%=$O/%): $O/%: $$(call prog_obj,$$($$*-y)) $$($$*-deps)
	@mkdir -p $(@D)
	$(CC) $(host) -pie $(CFLAGS) $(call prog_obj,$($*-y)) $(LDFLAGS) -Wl,-z,noexecstack,-z,now $($*-libs) -o $@

$(libs:%=$O/%): $O/%: $$(call lib_obj,$$($$*-y)) $$($$*-map) $$($$*-deps)
	@mkdir -p $(@D)
	$(CC) $(shared) -shared $(CFLAGS) $(call lib_obj,$($*-y)) $(LDFLAGS) -Wl,-z,defs,-z,now,-z,noexecstack \
		-Wl,-soname,$(@F) $(if $($*-map),-Wl$(comma)--version-script=$($*-map)) $($*-libs) -o $@

# Trusted code is compiled by enclave/module.mk.
$O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	$(CC) $(host) $(CFLAGS) $($*-cflags) -c $< -o $@

$O/%.o: %.S $O/flags
	@mkdir -p $(@D)
	$(CC) $(host) $(CFLAGS) -c $< -o $@

$O/%.so.o: %.c $O/flags
	@mkdir -p $(@D)
	$(CC) $(shared) $(CFLAGS) $($*-cflags) -c $< -o $@

$O/%.so.o: %.S $O/flags
	@mkdir -p $(@D)
	$(CC) $(shared) $(CFLAGS) -c $< -o $@

# A variable that changes what is built is a prerequisite of it.
flags_now := $(CC) $(CFLAGS) | $(host) | $(shared) | $(trusted) | $(LDFLAGS)
$O/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(flags_now)' | cmp -s - $@ || printf '%s\n' '$(flags_now)' > $@

deps:
	@scripts/deps

install: all
	@set -e; for row in $(installs); do \
		IFS=: read -r src dir mode <<-EOF; \
	$$row ; \
	done

clean:
	rm -rf $O

-include $(shell find $O -name '*.d' 2>/dev/null)
