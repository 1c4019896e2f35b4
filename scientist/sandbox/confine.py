"""Confines the calling process, and all it starts, with Landlock (files) and seccomp (sockets and the like).

Used by the launcher before it becomes the job, so it imports nothing of this package. Every step that fails raises
OSError: a process that could not be confined must not go on.
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
import struct

LEAST_ABI = 3
"""Earlier Landlock cannot stop ``truncate`` of a file that may be read."""

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
MAKE_DEVICES = 1 << 6 | 1 << 11
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
NET_TCP = 0b11
SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 22, 24, 38

libc = ctypes.CDLL(None, use_errno=True)


def confine(read: list[str], write: list[str]) -> None:
    """Leave this process ``read`` (read and execute) and ``write`` (everything); no socket, no capability."""
    drop_capabilities()
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    restrict_files(read, write)
    forbid_system_calls()


def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    return max(0, int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def restrict_files(read: list[str], write: list[str]) -> None:
    abi = landlock_abi()
    if abi < LEAST_ABI:
        raise OSError(f"Landlock version {abi} of this kernel is too old; {LEAST_ABI} is needed (Linux 6.2)")
    handled = (1 << (16 if abi >= 5 else 15)) - 1
    attributes = struct.pack(
        "=QQQ", handled, NET_TCP if abi >= 4 else 0, SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0
    )
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = check(libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0), "landlock_create_ruleset")
    for path in read:
        allow(ruleset, path, READ)
    for path in write:
        allow(ruleset, path, handled & ~MAKE_DEVICES)
    check(libc.syscall(RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def allow(ruleset: int, path: str, access: int) -> None:
    """Allow ``access`` beneath ``path``; a path that does not exist grants nothing."""
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            access &= ON_FILES
        rule = struct.pack("=Qi", access, fd)
        check(libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0), f"landlock_add_rule {path}")
    finally:
        os.close(fd)


def drop_capabilities() -> None:
    """Root without capabilities is only the owner of root's files."""
    if os.geteuid() != 0:
        return
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one that this kernel knows
    header = struct.pack("=Ii", 0x20080522, 0)
    check(libc.capset(header, bytes(24)), "capset")


# Landlock does not see these: sockets; mode, owner, times and attributes of any file that can be named; other
# processes' memory; System V shared memory; and what root, or a new namespace, could do to the machine. A socket pair
# stays allowed, for it reaches nobody else. io_uring would be a way around the whole list.
SYSTEM_CALLS: dict[str, dict[str, int]] = {
    "x86_64": {
        "socket": 41, "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240,
        "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "utime": 132, "utimes": 235,
        "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
        "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
        "fchownat": 260, "futimesat": 261, "fchmodat": 268, "utimensat": 280,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "add_key": 248, "request_key": 249, "keyctl": 250,
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
        "kexec_load": 246, "kexec_file_load": 320, "init_module": 175, "finit_module": 313, "delete_module": 176,
        "reboot": 169, "swapon": 167, "swapoff": 168, "settimeofday": 164, "clock_settime": 227, "adjtimex": 159,
        "sethostname": 170, "setdomainname": 171, "acct": 163, "quotactl": 179, "ioperm": 173, "iopl": 172,
        "open_by_handle_at": 304,
    },
    "aarch64": {
        "socket": 198, "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180,
        "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "utimensat": 88,
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "add_key": 217, "request_key": 218, "keyctl": 219,
        "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
        "kexec_load": 104, "kexec_file_load": 294, "init_module": 105, "finit_module": 273, "delete_module": 106,
        "reboot": 142, "swapon": 224, "swapoff": 225, "settimeofday": 170, "clock_settime": 112, "adjtimex": 171,
        "sethostname": 161, "setdomainname": 162, "acct": 89, "quotactl": 60, "open_by_handle_at": 265,
    },
}  # fmt: skip
EVERYWHERE = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "fchmodat2": 452, "setxattrat": 463,
    "removexattrat": 466, "file_setattr": 469,
}  # fmt: skip
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, KILL_PROCESS, REFUSE = 0x7FFF0000, 0x80000000, 0x00050001  # the last: fail with EPERM


def forbid_system_calls() -> None:
    """Make the listed system calls fail with EPERM, and kill a process that calls by another architecture's table."""
    machine = platform.machine()
    if machine not in SYSTEM_CALLS:
        raise OSError(f"no system call table for {machine}")
    program = filter_program(machine)
    instructions = b"".join(struct.pack("=HBBI", *i) for i in program)
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    check(libc.prctl(PR_SET_SECCOMP, 2, header, 0, 0), "seccomp")


def filter_program(machine: str) -> list[tuple[int, int, int, int]]:
    """BPF instructions (code, jump if true, jump if false, operand) over ``struct seccomp_data``."""
    numbers = sorted({*SYSTEM_CALLS[machine].values(), *EVERYWHERE.values()})
    program = [(LOAD, 0, 0, 4), (JUMP_EQUAL, 1, 0, ARCHITECTURE[machine]), (RETURN, 0, 0, KILL_PROCESS)]
    program += [(LOAD, 0, 0, 0), (JUMP_AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL_PROCESS)]
    for i, number in enumerate(numbers):
        program.append((JUMP_EQUAL, len(numbers) - i, 0, number))
    return [*program, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]


def check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
