# aesmd's wire protocol and its client.  What protoc-c makes of aesm.proto is only in the output folder.
aesm-y := $(wildcard aesm/*.c) aesm/aesm.pb-c.c
aesm-libs := -lprotobuf-c
aesm/message-cflags := -I$O

$O/aesm/aesm.pb-c.c: aesm/aesm.proto
	@mkdir -p $(@D)
	$(call say,PROTOC)
	$(Q)$(PROTOC_C) --proto_path=$(<D) --c_out=$(@D) $<
$O/aesm/aesm.pb-c.h: $O/aesm/aesm.pb-c.c ;
$(foreach o,message.o message.so.o aesm.pb-c.o aesm.pb-c.so.o,$O/aesm/$o) $O/fuzz/aesm/message.o: | $O/aesm/aesm.pb-c.h

# Its warnings are protoc-c's.
$O/aesm/aesm.pb-c.o: $O/aesm/aesm.pb-c.c $O/flags
	$(call say,CC)
	$(Q)$(CC) $(host) $(CFLAGS) -w -I$(@D) -c $< -o $@
$O/aesm/aesm.pb-c.so.o: $O/aesm/aesm.pb-c.c $O/flags
	$(call say,CC)
	$(Q)$(CC) $(shared) $(CFLAGS) -w -I$(@D) -c $< -o $@
$O/fuzz/aesm/aesm.pb-c.o: $O/aesm/aesm.pb-c.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(FUZZ_CC) $(fuzz_flags) -w -I$O/aesm -c $< -o $@

aesm-tests := message client vectors
tests += $(aesm-tests:%=tests/unit/aesm/%)
$(foreach t,$(aesm-tests),$(eval tests/unit/aesm/$t-y = tests/unit/aesm/$t.c $$(aesm-y) $$(lib-base-y)))
$(foreach t,$(aesm-tests),$(eval tests/unit/aesm/$t-libs = -lcmocka $$(aesm-libs)))
tests/unit/aesm/vectors-libs = -ljson-c $(aesm-libs)

# For runtimes of one's own (scripts/runtime.mk, AESM=1): what protoc-c has made is among the sources.
$(foreach f,$(wildcard aesm/*.[ch]) $O/aesm/aesm.pb-c.c $O/aesm/aesm.pb-c.h,$(eval installs += $f:share/skeleton/src/aesm:644))
