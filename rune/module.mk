progs += bin/rune
bin/rune-y := $(wildcard rune/*.c) $(wildcard rune/spec/*.c) rune/runelet/message.c swsgx/driver/state.c \
	$(lib-base-y)
bin/rune-libs := -ljson-c
bin/rune-pie := $(call static_pie,rcrt1.o libc.a libjson-c.a)
bin/rune-deps := $O/libexec/rune/runelet
installs += $O/bin/rune:bin:755
installs += $(patsubst %,%:share/man/man8:644,$(wildcard man/rune*.8))

tests += tests/unit/rune/cli
tests/unit/rune/cli-y := tests/unit/rune/cli.c rune/args.c rune/correct.c
tests/unit/rune/cli-libs := -lcmocka
