# SPDX-License-Identifier: Apache-2.0
# Build an enclave runtime of one's own from the installed skeleton.  Its Makefile:
#
#	NAME := my-runtime
#	include /usr/local/share/skeleton/runtime.mk
#
# make      liberpal-$(NAME).so, encl.elf, encl.bin and encl.ss in this folder
# make clean
#
# A file of this folder takes the place of the skeleton's of the same path (enclave/app.c, pal/own.c), and
# further files beside them are compiled as well.  Settings: PAL_VERSION (1 to 3), SIGNING_KEY,
# PRODUCT_ENCLAVE=1, LVI=1, CC, CFLAGS, V=1.  AESM=1 adds aesm/client.h, which asks aesmd, and needs
# libprotobuf-c-dev; LIBS are further libraries of the PAL library's.

SKELETON := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
SOURCE := $(SKELETON)/src
SGXSIGN ?= $(SKELETON)/../../bin/sgxsign
PAL_VERSION ?= 3
PRODUCT_ENCLAVE ?= 0
SIGNING_KEY ?= signing_key.pem
LVI ?= 0
AESM ?= 0
CFLAGS ?= -O2 -g
OBJCOPY ?= objcopy
O := build
ifeq ($(origin CC),default)
CC := gcc
endif
CC ?= gcc
ifeq ($(NAME),)
$(error NAME is not set: the library will be liberpal-NAME.so)
endif
ifeq ($(filter 1 2 3,$(PAL_VERSION)),)
$(error PAL_VERSION is $(PAL_VERSION): the API has the versions 1, 2 and 3)
endif

.DELETE_ON_ERROR:
.PHONY: all clean FORCE
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' $(1) $@)
comma := ,

cflags := -std=gnu17 -D_GNU_SOURCE -I. -I$(SOURCE) -Wall -Wextra -Wshadow -Wvla -Wformat=2 -MMD -MP
shared := $(cflags) -fPIC -fvisibility=hidden -fno-semantic-interposition -fstack-protector-strong -D_FORTIFY_SOURCE=2
trusted := $(cflags) -ffreestanding -fno-builtin -nostdlib -fPIE -mgeneral-regs-only
include $(SOURCE)/enclave/flags.mk

# Paths of both folders, each once: this one's files first.
sources = $(sort $(patsubst $(SOURCE)/%,%,$(wildcard $(foreach f,$(1),$(SOURCE)/$(f)/*.[cS]))) \
	$(wildcard $(foreach f,$(1),$(f)/*.[cS])))
vpath %.c . $(SOURCE)
vpath %.S . $(SOURCE)

encl-src := $(call sources,enclave)
encl-obj := $(patsubst %,$O/%.encl.o,$(basename $(encl-src)))
pal-src := $(filter-out pal/v1.c pal/v2.c pal/v3.c pal/driver/null.c,$(call sources,pal pal/driver lib/base lib/crypto lib/sgx \
	$(if $(filter 1,$(AESM)),aesm))) \
	pal/v$(PAL_VERSION).c
pal-obj := $(patsubst %,$O/%.o,$(basename $(pal-src)))
lds := $(firstword $(wildcard enclave/enclave.lds) $(SOURCE)/enclave/enclave.lds)
library := liberpal-$(NAME).so

# What is compiled how, and which headers of the skeleton's this folder has replaced: a change builds anew.
replaced := $(wildcard $(patsubst $(SOURCE)/%,%,$(wildcard $(foreach d,. * */*,$(SOURCE)/$(d)/*.h $(SOURCE)/$(d)/*.def))))
now := $(CC) $(CFLAGS) | $(encl-cflags) | $(shared) | $(replaced)

# Where each comes from: a file that appears here, or goes, may be older than what was built before it.
origins = $(foreach f,$(1),$(firstword $(wildcard $(f)) $(SOURCE)/$(f)))

# What decides over a file and has no date of its own is kept in one, written when it changes.
define remember
@mkdir -p $(@D)
@printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' >$@
endef

all: $(library) encl.elf encl.bin encl.ss

$O/%.encl.o: %.c $O/flags $O/encl-sources
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(encl-cflags) $(CFLAGS) -c $< -o $@

$O/%.encl.o: %.S $O/flags $O/encl-sources
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(encl-cflags) -g -c $< -o $@

$O/%.o: %.c $O/flags $O/pal-sources
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(shared) $(CFLAGS) -c $< -o $@

$O/%.o: %.S $O/flags $O/pal-sources
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(shared) $(CFLAGS) -c $< -o $@

$O/flags: FORCE
	$(call remember,$(now))

$O/encl-sources: FORCE
	$(call remember,$(call origins,$(encl-src)))

$O/pal-sources: FORCE
	$(call remember,$(call origins,$(pal-src)))

$O/link-flags: FORCE
	$(call remember,$(lds) | $(encl-ldflags) | $(PAL_VERSION) $(AESM) $(LIBS))

$O/sign-flags: FORCE
	$(call remember,$(SIGNING_KEY) PRODUCT_ENCLAVE=$(PRODUCT_ENCLAVE))

encl.elf: $(encl-obj) $(lds) $O/encl-sources $O/link-flags
	$(call say,LINK)
	$(Q)$(CC) $(encl-ldflags) -Wl,-T,$(lds) $(encl-obj) -o $@

encl.bin: encl.elf
	$(call say,OBJCOPY)
	$(Q)$(OBJCOPY) -O binary $< $@

signing_key.pem:
	$(call say,KEY)
	@command -v openssl >/dev/null || { echo 'openssl is not installed: it makes $@' >&2; exit 1; }
	$(Q)umask 077 && openssl genrsa -3 -out $@ 3072 2>/dev/null

encl.ss: encl.bin $(SIGNING_KEY) $O/sign-flags
	$(call say,SIGN)
	$(Q)$(SGXSIGN) $(if $(filter 1,$(PRODUCT_ENCLAVE)),-N) $(SIGNING_KEY) encl.bin $@

$O/exports.map: $(SOURCE)/pal/exports.map.in $O/link-flags
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c -I. -I$(SOURCE) -DPAL_VERSION=$(PAL_VERSION) $< -o $@

$(library): $(pal-obj) $O/exports.map $O/pal-sources $O/link-flags
	$(call say,LINK)
	$(Q)$(CC) $(shared) -shared $(CFLAGS) $(pal-obj) $(if $(filter 1,$(AESM)),-lprotobuf-c) $(LIBS) \
		-Wl,-z,defs,-z,now,-z,noexecstack,-soname,$@ \
		-Wl,--version-script=$O/exports.map -o $@

clean:
	rm -rf $O $(library) encl.elf encl.bin encl.ss

-include $(patsubst %.o,%.d,$(encl-obj) $(pal-obj))
