# config.json to config.json, and the shared libraries that a container is given.
rune-spec-y := $(wildcard rune/spec/*.c)
rune-closure-y := rune/closure.c rune/elf.c rune/ldcache.c rune/library.c rune/userns.c

rune-spec-tests := text settings rewrite program hooks
tests += $(rune-spec-tests:%=tests/unit/rune/spec/%)
$(foreach t,$(rune-spec-tests),$(eval tests/unit/rune/spec/$t-y := tests/unit/rune/spec/$t.c \
	tests/unit/rune/spec/document.c $$(rune-spec-y) $$(lib-base-y)))
$(foreach t,$(rune-spec-tests),$(eval tests/unit/rune/spec/$t-libs := -lcmocka -ljson-c))

rune-closure-tests := elf closure library
tests += $(rune-closure-tests:%=tests/unit/rune/%)
$(foreach t,$(rune-closure-tests),$(eval tests/unit/rune/$t-y := tests/unit/rune/$t.c \
	$$(rune-closure-y) $$(lib-base-y)))
$(foreach t,$(rune-closure-tests),$(eval tests/unit/rune/$t-libs := -lcmocka -ljson-c))

# Libraries that the closure's tests walk: below/libbase.so, and how each of the others asks for it.
closure-dir := $O/tests/unit/rune/closure-libs
closure-base := -Wl,--no-as-needed $(closure-dir)/below/libbase.so
closure-runpath := -Wl,--enable-new-dtags '-Wl,-rpath,$$ORIGIN/below'
closure-note = '-DNOTE="$(subst ",\\\",$(1))"'

closure-lib-below/libmiddle.so := $(closure-base)
closure-lib-runpath.so := $(closure-base) -Wl,--enable-new-dtags '-Wl,-rpath,$$LIB:$${ORIGIN}/below'
closure-lib-rpath-tree.so := -Wl,--no-as-needed $(closure-dir)/below/libmiddle.so \
	-Wl,--disable-new-dtags '-Wl,-rpath,$$ORIGIN/below'
closure-lib-runpath-tree.so := -Wl,--no-as-needed $(closure-dir)/below/libmiddle.so $(closure-runpath)
closure-lib-lost.so := $(closure-base)
closure-lib-by-path.so := -Wl,--no-as-needed $(closure-dir)/by-path/libbase.so
closure-lib-note-required.so := $(closure-runpath) \
	$(call closure-note,[{"soname":["libbase.so"]$(comma)"priority":"required"}])
closure-lib-note-second.so := $(closure-runpath) \
	$(call closure-note,[{"soname":["libnowhere.so.3"$(comma)"libbase.so"]}])
closure-lib-note-suggested.so := $(closure-runpath) \
	$(call closure-note,[{"soname":["libnowhere.so.3"]$(comma)"priority":"suggested"}])
closure-lib-note-silent.so := $(call closure-note,[{"soname":["libnowhere.so.3"]}])
closure-lib-note-lost.so := \
	$(call closure-note,[{"soname":["libnowhere.so.2"]$(comma)"priority":"required"}])
closure-lib-note-broken.so := $(closure-runpath) $(call closure-note,[{"soname":["libbase.so"])
closure-lib-note-odd.so := $(closure-runpath) \
	$(call closure-note,[7$(comma){"soname":"libbase.so"}$(comma){"soname":[1]$(comma)"priority":"required"}])
closure-soname-by-path/libbase.so := ./libbase.so

closure-bases := $(addsuffix /libbase.so,below other by-path)
closure-libs := $(addsuffix .so,runpath rpath-tree runpath-tree lost by-path \
	$(addprefix note-,required second suggested silent lost broken odd))
closure-link = @mkdir -p $(@D) && $(CC) $(shared) -shared $(CFLAGS) -nostdlib -Wl,--allow-shlib-undefined \
	-Wl,-soname,$(or $(closure-soname-$(1)),$(notdir $(1))) $< $(closure-lib-$(1)) -o $@

$(closure-bases:%=$(closure-dir)/%): $(closure-dir)/%: tests/unit/rune/closure-library.c $O/flags
	$(call closure-link,$*)
$(closure-dir)/below/libmiddle.so: $(closure-dir)/%: tests/unit/rune/closure-library.c $O/flags \
		$(closure-bases:%=$(closure-dir)/%)
	$(call closure-link,$*)
$(closure-libs:%=$(closure-dir)/%): $(closure-dir)/%: tests/unit/rune/closure-library.c $O/flags \
		$(closure-bases:%=$(closure-dir)/%) $(closure-dir)/below/libmiddle.so
	$(call closure-link,$*)

tests/unit/rune/closure-deps := $O/libexec/rune/runelet $(closure-libs:%=$(closure-dir)/%)
