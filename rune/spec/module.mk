# config.json to config.json, and the shared libraries that a container is given.
rune-spec-y := $(wildcard rune/spec/*.c)
rune-closure-y := rune/closure.c rune/elf.c rune/ldcache.c

rune-spec-tests := text settings rewrite
tests += $(rune-spec-tests:%=tests/unit/rune/spec/%)
$(foreach t,$(rune-spec-tests),$(eval tests/unit/rune/spec/$t-y := tests/unit/rune/spec/$t.c \
	tests/unit/rune/spec/document.c $$(rune-spec-y) $$(lib-base-y)))
$(foreach t,$(rune-spec-tests),$(eval tests/unit/rune/spec/$t-libs := -lcmocka -ljson-c))

rune-closure-tests := elf closure
tests += $(rune-closure-tests:%=tests/unit/rune/%)
$(foreach t,$(rune-closure-tests),$(eval tests/unit/rune/$t-y := tests/unit/rune/$t.c \
	$$(rune-closure-y) $$(lib-base-y)))
$(foreach t,$(rune-closure-tests),$(eval tests/unit/rune/$t-libs := -lcmocka -ljson-c))
tests/unit/rune/closure-deps := $O/libexec/rune/runelet
