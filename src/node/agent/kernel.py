# What the machine itself is like, for now and for each boot to come.
SYSCTL, MODULES = "/etc/sysctl.d/60-disco.conf", "/etc/modules-load.d/disco.conf"
PAGES, PAGES_FILE = "/sys/kernel/mm/transparent_hugepage/enabled", "/etc/tmpfiles.d/disco-pages.conf"
SHARED = "/dev/shm"


def apply_machine(machine, wanted):
    """Values of the kernel, its modules, huge pages and the size of shared memory; what nobody wants any more is left to the
    next boot. A container has the kernel of the machine that runs it, so nothing of it is changed there."""
    sysctl, modules = wanted.get("sysctl", {}), wanted.get("modules", [])
    pages, shared = wanted.get("transparent_hugepages"), wanted.get("shared_memory_mib")
    keep_lines(machine, SYSCTL, ["%s = %s" % pair for pair in sorted(sysctl.items())])
    keep_lines(machine, MODULES, modules)
    keep_lines(machine, PAGES_FILE, ["w %s - - - - %s" % (PAGES, pages)] if pages else [])
    fstab = machine.read("/etc/fstab")
    mounts = ["tmpfs %s tmpfs nosuid,nodev,size=%dm 0 0" % (SHARED, shared)] if shared else []
    if mounts or BEGIN in (fstab or "").splitlines():
        machine.write("/etc/fstab", managed(fstab, mounts))
    if not (sysctl or modules or pages or shared) or machine.rehearsal is not None:
        return
    if os.path.exists("/run/systemd/container"):
        machine.log("the kernel's settings are those of the machine that runs this container")
        return
    for module in modules:
        machine.run(["modprobe", module])
    for name, value in sorted(sysctl.items()):
        path = "/proc/sys/" + (name if "/" in name else name.replace(".", "/"))
        try:
            with open(path) as file:
                before = file.read()
            if before.split() != value.split():
                with open(path, "w") as file:
                    file.write(value)
                machine.log("%s: %s" % (name, value))
        except OSError as error:
            raise Failure("the kernel does not take `%s = %s`: %s" % (name, value, error_words(error)))
    if pages and os.path.exists(PAGES):
        with open(PAGES, "w") as file:
            file.write(pages)
    if shared and os.statvfs(SHARED).f_blocks * os.statvfs(SHARED).f_frsize != shared << 20:
        machine.run(["mount", "-o", "remount,size=%dm" % shared, SHARED])
        machine.log("%s has %d MiB" % (SHARED, shared))


def keep_lines(machine, path, lines):
    """A file of these lines; none where there are none."""
    if lines:
        machine.write(path, "# Written by DISCO.\n" + "\n".join(lines) + "\n")
    elif machine.read(path) is not None:
        os.remove(machine.path(path))
        machine.log("removed %s" % path)
