"""What ``risk`` knows about programs, as data."""


def names(text: str) -> frozenset[str]:
    """Return the blank-separated names of a text."""
    return frozenset(text.split())


# They read, print or move the shell; no option of theirs destroys anything.
SAFE_PROGRAMS = names(
    """
    [ [[ ack acpi ag alias apropos arch atop b2sum basename bat batcat bc bg bind blkid
    break btop builtin cal cat cd chdir cksum clear cmp col column comm continue cowsay
    csvlook cut date dc declare df diff dig dir dirname dirs disown dmesg dnsdomainname
    dpkg-query du duf dust e2label echo egrep eza exa exit expand export expr factor
    false fc fd fdfind fg fgrep figlet file findmnt finger fmt fold fortune free fzf
    getconf getent getopts git-lfs glances groff grep groups hash head help hexdump
    host hostid htop id info infocmp inxi iostat jobs join jq last lastlog ldd less let
    local locale locate logname logout look ls lsattr lsb_release lsblk lscpu lsd lshw
    lsmem lsmod lsof lspci lsusb man mapfile mcfly md5sum mkdir mktemp more mpstat
    mtr ncal ncdu neofetch netstat nl nm nproc nslookup ntpq numfmt objdump od open
    paste pathchk pgrep pidof pidstat ping ping6 pinky popd pr printenv printf ps
    pstree ptx pushd pwd pwdx read readarray readelf readlink readonly realpath
    return rev rg select seq set sha1sum sha224sum sha256sum sha384sum sha512sum shift
    shopt shuf size sleep sloccount speedtest ss stat strings stty sum suspend sync tac
    tail test tldr tokei toe top touch tput tr tracepath traceroute tree true tsort tty
    type typeset ulimit umask unalias uname unexpand uniq unset uptime users vdir
    vmstat w wait watchexec wc whatis whereis which who whoami whois xdg-open xxd yes
    zcat zgrep zless zmore z zoxide code emacs emacsclient gedit hx kak kate micro nano
    nvim pico subl vi vim vimdiff view ed mypy pytest pylint flake8 pyright shellcheck
    l la ll eslint tsc hadolint vulture bandit
    """
)

# They remove or overwrite beyond repair, whatever their arguments are.
DANGER_PROGRAMS = names(
    """
    badblocks blkdiscard bfg cfdisk cgdisk deluser delgroup dropdb dropuser flashrom
    format gdisk groupdel halt killall killall5 lvreduce lvremove mke2fs mkswap pkill
    poweroff pvremove reboot rmmod sgdisk shred shutdown skill srm telinit truncate
    userdel vgremove wipe wipefs xkill drop
    """
)

LIST_OPTIONS = frozenset({"-l", "--list", "-V", "--version", "--help", "-h"})
"""With one of these first, a disk tool only prints."""
DISK_TOOLS = frozenset({"fdisk", "sfdisk", "parted", "hdparm", "cryptsetup", "mdadm"})

SHELLS = names("sh bash zsh fish dash ksh mksh ash csh tcsh pwsh rbash")
INTERPRETERS = names("python perl ruby node nodejs php lua deno bun pypy")
SQL_CLIENTS = names(
    "mysql mariadb psql sqlite3 sqlite sqlcmd clickhouse-client cqlsh duckdb usql"
    " mongo mongosh redis-cli bq impala-shell hive"
)
# Wrappers that run the command in their arguments; their options that take a value.
WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": names(
        "-u -g -p -h -C -r -t -T -U -D -R --user --group --prompt --chdir --host"
    ),
    "doas": names("-u -C"),
    "pkexec": frozenset({"--user"}),
    "run0": names("-u --user -g --group -D --chdir"),
    "env": names("-u -C --unset --chdir"),
    "command": frozenset(),
    "builtin": frozenset(),
    "exec": frozenset({"-a"}),
    "nohup": frozenset(),
    "nice": names("-n --adjustment"),
    "ionice": names("-c -n -p --class --classdata"),
    "chrt": frozenset(),
    "taskset": frozenset(),
    "time": names("-o -f --output --format"),
    "timeout": names("-s -k --signal --kill-after"),
    "stdbuf": names("-i -o -e --input --output --error"),
    "setsid": frozenset(),
    "unbuffer": frozenset(),
    "caffeinate": frozenset({"-t", "-w"}),
    "strace": names("-e -o -p -s"),
    "ltrace": names("-e -o -p -s"),
    "watch": names("-n --interval"),
    "xargs": names("-I -n -P -L -d -a -E -s --max-args --max-procs --delimiter"),
    "parallel": names("-j --jobs -I"),
    "busybox": frozenset(),
    "toybox": frozenset(),
    "noglob": frozenset(),
    "nocorrect": frozenset(),
    "proxychains": frozenset({"-f"}),
    "proxychains4": frozenset({"-f"}),
    "fakeroot": frozenset(),
    "flock": names("-w --timeout -E"),
    "chroot": frozenset(),
    "systemd-run": names("-u -p --unit --property"),
    "dbus-run-session": frozenset(),
    "entr": frozenset(),
}
# Wrappers whose first operand is not yet the command.
WRAPPER_OPERANDS = {"timeout": 1, "taskset": 1, "chrt": 1, "flock": 1, "chroot": 1}
# Options of wrappers after which the command is one text.
TEXT_OPTIONS = {
    "env": frozenset({"-S", "--split-string"}),
    "flock": frozenset({"-c", "--command"}),
}
ROOT_WRAPPERS = frozenset({"sudo", "doas", "pkexec", "run0", "chroot"})
