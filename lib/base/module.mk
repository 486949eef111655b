lib-base-y := $(wildcard lib/base/*.c)
