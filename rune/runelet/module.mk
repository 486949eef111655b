progs += libexec/rune/runelet
# Protobuf-c from its archive, so that no container needs its library.
libexec/rune/runelet-y = $(wildcard rune/runelet/*.c) $(lib-base-y) $(aesm-y)
libexec/rune/runelet-libs := -l:libprotobuf-c.a
installs += $O/libexec/rune/runelet:libexec/rune:755

# The PAL libraries that runelet's tests load.
runelet-pals := 0 1 2 3 4 nokill exit unresolved
runelet-pal-0 := -DFAKE_VERSION=0
runelet-pal-1 := -DFAKE_VERSION=1
runelet-pal-2 := -DFAKE_VERSION=2
runelet-pal-3 := -DFAKE_VERSION=3
runelet-pal-4 := -DFAKE_VERSION=4
runelet-pal-nokill := -DFAKE_VERSION=2 -DFAKE_WITHOUT_KILL
runelet-pal-exit := -DFAKE_VERSION=2 -DFAKE_EXIT
runelet-pal-unresolved := -DFAKE_VERSION=2 -DFAKE_UNRESOLVED

$(runelet-pals:%=$O/tests/integration/runelet-pal-%.so): $O/tests/integration/runelet-pal-%.so: \
		tests/integration/runelet-pal.c $O/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(shared) -shared $(CFLAGS) $(runelet-pal-$*) $< -o $@

runelet-tests := load life agent hostile exec
tests += $(runelet-tests:%=tests/unit/rune/runelet/%)

define runelet-test
tests/unit/rune/runelet/$(1)-y := tests/unit/rune/runelet/$(1).c tests/unit/rune/runelet/harness.c \
	rune/runelet/message.c
tests/unit/rune/runelet/$(1)-libs := -lcmocka
tests/unit/rune/runelet/$(1)-deps := $O/libexec/rune/runelet \
	$(runelet-pals:%=$O/tests/integration/runelet-pal-%.so)
endef
$(foreach t,$(runelet-tests),$(eval $(call runelet-test,$t)))
