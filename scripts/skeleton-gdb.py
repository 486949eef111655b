# SPDX-License-Identifier: Apache-2.0
"""Debug enclaves under gdb: source this file, then debug the program that loads the enclave.

It learns of an enclave from the PAL library (pal/debugger.h), adds the symbols of encl.elf where the
enclave lies, lets the debugger in (TCS.FLAGS.DBGOPTIN), and unwinds from the host's AEP into the enclave;
from the enclave to its host encl.elf's own .debug_frame leads.  Everything goes through the process's memory, which for a debug
enclave the kernel reads and writes by EDBGRD and EDBGWR; nothing here asks what is underneath.

  set skeleton-elf FILE     the enclave's ELF file, if it is neither encl.elf in the program's folder nor
                            beside this script
  info enclave              the enclave, and what each of its threads is doing
  enclave ssa [THREAD]      the frames of the state save area: where asynchronous exits left the enclave
"""
import os
import struct

import gdb
from gdb.unwinder import Unwinder

PAGE = 4096
TCS = struct.Struct("<QQQIIQQQQ")  # STATE FLAGS OSSA CSSA NSSA OENTRY AEP OFSBASE OGSBASE
DBGOPTIN = 1
# SDM vol. 3D, GPRSGX: the last 184 bytes of a frame.
GPRSGX_SIZE = 184
GPRS = ("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
        "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rflags", "rip", "ursp", "urbp")
EXITINFO, FSBASE, GSBASE = 160, 168, 176
VECTORS = {0: "#DE", 1: "#DB", 3: "#BP", 5: "#BR", 6: "#UD", 13: "#GP", 14: "#PF", 16: "#MF", 17: "#AC", 19: "#XM"}
ERESUME = 3
TD_STATES = ("idle", "running", "in an ocall", "leaving")

HERE = os.path.dirname(os.path.abspath(__file__))

enclave = None  # the one that the library has told of


class Parameter(gdb.Parameter):
    """The ELF file of the enclave that is being debugged; empty: it is looked for."""
    set_doc = show_doc = __doc__

    def __init__(self):
        super().__init__("skeleton-elf", gdb.COMMAND_FILES, gdb.PARAM_OPTIONAL_FILENAME)
        self.value = ""

    def get_set_string(self):
        return ""


elf_parameter = Parameter()


def read(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def word(address):
    return struct.unpack("<Q", read(address, 8))[0]


def loaded_segments(path):
    """(address, content, may it be written) of what an ELF file has loaded."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:6] != b"\x7fELF\x02\x01":
        raise gdb.GdbError(path + ": not an ELF file")
    offset, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, flags, at, address, _, length = struct.unpack_from("<IIQQQQ", data, offset + i * size)
        if kind == 1 and length:
            yield address, data[at:at + length], bool(flags & 2)


MOV_EEXIT = b"\xb8\x04\0\0\0"  # mov $EEXIT, %eax: software SGX puts a jump in its place


def is_same(file, memory):
    at = file.find(MOV_EEXIT)
    while at >= 0:
        memory = memory[:at] + MOV_EEXIT + memory[at + len(MOV_EEXIT):]
        at = file.find(MOV_EEXIT, at + 1)
    return file == memory


class Enclave:
    """An enclave in the process: its base, its TCSs, and the symbols that were added for it."""

    def __init__(self, value):
        self.base = int(value["base"])
        self.tcs = [int(value["thread"][i]["tcs"]) for i in range(int(value["thread_count"]))]
        self.elf = self.find_elf()
        # Nobody writes an enclave's text: gdb takes the processor's breakpoints there by itself.
        gdb.execute("set mem inaccessible-by-default off")
        for address, content, is_writable in loaded_segments(self.elf):
            if not is_writable:
                start = self.base + address
                gdb.execute("mem %#x %#x ro" % (start, start + len(content)), to_string=True)
        gdb.execute("add-symbol-file '%s' -o %#x" % (self.elf, self.base), to_string=True)
        self.text = [self.symbol(name) for name in ("text_start", "text_end")]
        self.opt_in()

    def find_elf(self):
        beside = os.path.join(HERE, "encl.elf")
        cwd = "/proc/%d/cwd/encl.elf" % gdb.selected_inferior().pid
        tried = [elf_parameter.value] if elf_parameter.value else [cwd, beside]
        for path in tried:
            if self.is_loaded(path):
                return path
        raise gdb.GdbError("no encl.elf of the enclave at %#x; tried %s; set skeleton-elf FILE names it"
                           % (self.base, ", ".join(tried)))

    def is_loaded(self, path):
        """Is all in the file that nobody writes what is in memory?  A file that is none is not."""
        try:
            fixed = [(self.base + address, content) for address, content, is_writable in loaded_segments(path)
                     if not is_writable]
            return bool(fixed) and all(is_same(content, read(start, len(content))) for start, content in fixed)
        except (OSError, struct.error, gdb.GdbError, gdb.MemoryError):
            return False

    @staticmethod
    def symbol(name):
        return int(gdb.parse_and_eval("(unsigned long)&" + name))

    def opt_in(self):
        """Without it the processor hides single steps and breakpoints inside from everybody.

        Software SGX hides nothing, and its TCS are pages that ptrace cannot write.
        """
        for tcs in self.tcs:
            flags = word(tcs + 8)
            if not flags & DBGOPTIN:
                try:
                    gdb.selected_inferior().write_memory(tcs + 8, struct.pack("<Q", flags | DBGOPTIN))
                except gdb.MemoryError:
                    return

    def unload(self):
        gdb.execute("delete mem", to_string=True)
        gdb.execute("remove-symbol-file -a %#x" % self.text[0], to_string=True)

    def fields(self, tcs):
        return TCS.unpack(read(tcs, TCS.size))

    def frames(self, tcs):
        """The SSA frames in use, the latest first: (number, address, GPRSGX)."""
        ossa, cssa = self.fields(tcs)[2:4]
        for number in reversed(range(cssa)):
            at = self.base + ossa + (number + 1) * PAGE - GPRSGX_SIZE
            yield number, at, read(at, GPRSGX_SIZE)

    def td(self, tcs):
        return self.base + self.fields(tcs)[8]


def gpr(frame, name):
    return struct.unpack_from("<Q", frame, 8 * GPRS.index(name))[0]


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class AepUnwinder(Unwinder):
    """A thread that an asynchronous exit took to its AEP: what it was doing is in the SSA."""

    def __init__(self):
        super().__init__("aep")

    @staticmethod
    def register(value):
        return gdb.Value(value).cast(gdb.lookup_type("unsigned long"))

    def __call__(self, pending):
        if enclave is None:
            return None
        try:
            leaf, tcs, aep, pc = (int(pending.read_register(name)) & (1 << 64) - 1
                                  for name in ("rax", "rbx", "rcx", "rip"))
        except gdb.error:
            return None  # a caller's registers, which nobody has saved
        if leaf != ERESUME or tcs not in enclave.tcs or aep != pc:
            return None
        for _, _, frame in enclave.frames(tcs):
            # The enclave's stack may lie anywhere: below everything, this frame is inner to any.
            info = pending.create_unwind_info(FrameId(self.register(0), self.register(pc)))
            for name in GPRS[:16] + ("rip",):
                info.add_saved_register(name, self.register(gpr(frame, name)))
            return info
        return None


def learn(value):
    global enclave
    forget()
    try:
        enclave = Enclave(value)
    except (gdb.error, gdb.GdbError) as error:
        gdb.write("skeleton: %s\n" % error, gdb.STDERR)
        return
    gdb.write("Enclave at %#x, %d threads, symbols of %s.\n" % (enclave.base, len(enclave.tcs), enclave.elf))


def forget():
    global enclave
    if enclave is not None:
        gone, enclave = enclave, None
        try:
            gone.unload()
        except gdb.error:
            pass  # gdb has dropped it with the process


class Loaded(gdb.Breakpoint):
    def __init__(self):
        super().__init__("encl_loaded", internal=True)
        self.silent = True

    def stop(self):
        learn(gdb.selected_frame().read_var("encl").dereference())
        return False


class Unloaded(gdb.Breakpoint):
    def __init__(self):
        super().__init__("encl_unloaded", internal=True)
        self.silent = True

    def stop(self):
        forget()
        return False


def process_stopped(event):
    """A process that was attached to may have its enclave already: the library keeps it in a static."""
    for objfile in gdb.objfiles() if enclave is None else []:
        try:
            encl = objfile.lookup_static_symbol("loaded_encl").value()
            if int(encl):
                learn(encl.dereference())
        except (gdb.error, gdb.MemoryError, AttributeError):
            continue  # not there, or not mapped yet


class InfoEnclave(gdb.Command):
    """The enclave that is being debugged, and what each of its threads is doing."""

    def __init__(self):
        super().__init__("info enclave", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        if enclave is None:
            raise gdb.GdbError("There is no enclave.")
        gdb.write("enclave at %#x, symbols of %s\n" % (enclave.base, enclave.elf))
        for number, tcs in enumerate(enclave.tcs):
            state, _, _, cssa, nssa = enclave.fields(tcs)[:5]
            doing = struct.unpack("<I", read(enclave.td(tcs) + 32, 4))[0]
            gdb.write("  thread %d: TCS %#x, %s, CSSA %d of %d, %s\n"
                      % (number, tcs, "entered" if state else "not entered", cssa, nssa,
                         TD_STATES[doing] if doing < len(TD_STATES) else "damaged"))


class EnclaveCommand(gdb.Command):
    """Commands for enclaves."""

    def __init__(self):
        super().__init__("enclave", gdb.COMMAND_STATUS, prefix=True)


class EnclaveSsa(gdb.Command):
    """The frames of the state save area, of one thread or of all."""

    def __init__(self):
        super().__init__("enclave ssa", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        if enclave is None:
            raise gdb.GdbError("There is no enclave.")
        chosen = range(len(enclave.tcs)) if not argument else [int(gdb.parse_and_eval(argument))]
        for number in chosen:
            if not 0 <= number < len(enclave.tcs):
                raise gdb.GdbError("The enclave has no thread %d." % number)
            self.show(number, enclave.tcs[number])

    @staticmethod
    def show(number, tcs):
        ossa, _, nssa = enclave.fields(tcs)[2:5]
        for frame_number in range(nssa):
            frame = read(enclave.base + ossa + (frame_number + 1) * PAGE - GPRSGX_SIZE, GPRSGX_SIZE)
            if not any(frame):
                continue
            info = struct.unpack_from("<I", frame, EXITINFO)[0]
            why = "an interrupt"
            if info >> 31:
                why = VECTORS.get(info & 0xff, "vector %d" % (info & 0xff))
            rip = gpr(frame, "rip")
            place = gdb.execute("info symbol %#x" % rip, to_string=True).strip()
            gdb.write("thread %d, frame %d: EXITINFO %#x (%s), RIP %#x %s\n"
                      % (number, frame_number, info, why, rip, place))
            for i in range(0, 18, 3):
                gdb.write("  " + "  ".join("%-6s %#018x" % (name, gpr(frame, name)) for name in GPRS[i:i + 3]) + "\n")
            gdb.write("  fsbase %#018x  gsbase %#018x\n"
                      % (struct.unpack_from("<Q", frame, FSBASE)[0], struct.unpack_from("<Q", frame, GSBASE)[0]))


# The library comes later; nobody wants to read that.
pending = gdb.parameter("breakpoint pending")
gdb.execute("set breakpoint pending on")
gdb.execute("python Loaded(), Unloaded()", to_string=True)
gdb.execute("set breakpoint pending " + {True: "on", False: "off", None: "auto"}[pending])
InfoEnclave()
EnclaveCommand()
EnclaveSsa()
gdb.unwinder.register_unwinder(None, AepUnwinder())
gdb.events.stop.connect(process_stopped)
gdb.events.exited.connect(lambda event: forget())
if gdb.selected_inferior().pid:
    process_stopped(None)
