"""What ``risk`` knows about the subcommands of programs, as data."""

from dataclasses import dataclass

from terminal_ai.records import Risk


def entries(text: str) -> frozenset[str]:
    """Return comma-separated entries, which may be of several words."""
    return frozenset(" ".join(entry.split()) for entry in text.split(",")) - {""}


@dataclass(frozen=True, slots=True)
class Subcommands:
    """What the subcommands of one program do; ``default`` is for all others.

    An entry may have two words (``volume rm``).
    """

    safe: frozenset[str] = frozenset()
    danger: frozenset[str] = frozenset()
    value_options: frozenset[str] = frozenset()
    danger_options: frozenset[str] = frozenset()
    safe_options: frozenset[str] = frozenset()
    default: Risk = Risk.CAUTION


_APT = Subcommands(
    safe=entries(
        """
        search, list, show, policy, depends, rdepends, showpkg, madison, moo, check,
        changelog, pkgnames, stats, unmet, dump, dotty, showsrc, why, why-not
        """
    ),
    safe_options=entries("-s, --simulate, --dry-run, --just-print, --no-act"),
    value_options=entries("-o, -c, -t, --target-release"),
)
_DNF = Subcommands(
    safe=entries(
        """
        search, list, info, repolist, repoquery, provides, whatprovides, check-update,
        history, deplist, updateinfo, grouplist, repoinfo
        """
    )
)
_NPM = Subcommands(
    safe=entries(
        """
        ls, list, view, info, show, search, outdated, audit, why, explain, fund, ping,
        whoami, root, prefix, bin, test, t, help, doctor, docs, bugs, repo, run build,
        run test, run lint, build, lint, -v
        """
    ),
    danger=entries("unpublish, cache clean"),
)
_COMPOSE_SAFE = "ps, logs, config, images, top, port, version, ls, events"
_DOCKER = Subcommands(
    safe=entries(
        "ps, images, logs, inspect, version, info, stats, top, port, events, search,"
        "history, diff, image ls, image list, image inspect, container ls,"
        "container list, container inspect, container logs, container top,"
        "container stats, container port, container diff, volume ls, volume list,"
        "volume inspect, network ls, network list, network inspect, system df,"
        "system info, system events, context ls, context show, manifest inspect,"
        "buildx ls, buildx du, node ls, service ls, service ps, service logs, stack ls,"
        "stack ps, plugin ls, secret ls, config ls,"
        + ",".join(f"compose {name}" for name in _COMPOSE_SAFE.split(","))
    ),
    danger=entries(
        """
        system prune, volume prune, image prune, container prune, network prune, builder
        prune, buildx prune, volume rm, volume remove, system reset, swarm leave, stack
        rm, service rm, secret rm, node rm, kill, container kill, machine rm, compose
        rm, compose kill
        """
    ),
    danger_options=entries(
        """
        rm -f, rm --force, rmi -f, rmi --force, container rm -f, image rm -f, container
        rm --force, image rm --force, rm -fv, rm -vf, compose down -v, compose down
        --volumes, run --privileged, compose down --rmi
        """
    ),
    value_options=entries(
        """
        -H, --host, -c, --context, --config, -l, --log-level, -f, --file
        """
    ),
)
_KUBECTL = Subcommands(
    safe=entries(
        """
        get, describe, logs, explain, top, version, cluster-info, api-resources,
        api-versions, diff, auth, completion, config view, config get-contexts, config
        current-context, config get-clusters, rollout status, rollout history, events,
        wait, kustomize, options, plugin list, status, project, projects, whoami
        """
    ),
    danger=entries("delete, drain, config delete-context, config delete-cluster"),
    danger_options=entries("replace --force, apply --prune, taint --overwrite"),
    value_options=entries(
        """
        -n, --namespace, --context, --kubeconfig, --cluster, -s, --server, --user
        """
    ),
)
_TERRAFORM = Subcommands(
    safe=entries(
        """
        plan, validate, show, output, version, providers, graph, state list, state show,
        state pull, workspace list, workspace show, get, console
        """
    ),
    danger=entries("destroy, state rm, state push, workspace delete, force-unlock"),
    danger_options=entries(
        """
        apply -auto-approve, apply --auto-approve, apply -destroy
        """
    ),
)

SUBCOMMANDS: dict[str, Subcommands] = {
    "apt": _APT,
    "apt-get": _APT,
    "aptitude": _APT,
    "apt-cache": Subcommands(safe=_APT.safe),
    "dnf": _DNF,
    "yum": _DNF,
    "zypper": Subcommands(
        safe=entries("search, se, info, if, list-updates, lu, repos, lr")
    ),
    "apk": Subcommands(safe=entries("search, info, list, policy, version, stats, dot")),
    "brew": Subcommands(
        safe=entries(
            """
            search, list, ls, info, desc, deps, uses, outdated, doctor, config, home,
            leaves, log, cat, tap-info, --prefix, --version, --cellar, shellenv,
            commands
            """
        )
    ),
    "snap": Subcommands(
        safe=entries("find, list, info, version, changes, services, logs")
    ),
    "flatpak": Subcommands(
        safe=entries("search, list, info, remotes, remote-ls, history, ps")
    ),
    "pip": Subcommands(
        safe=entries(
            """
            list, show, freeze, check, search, index, inspect, debug, help, config list,
            config get, cache info, cache list, cache dir
            """
        ),
        safe_options=entries("--dry-run"),
    ),
    "uv": Subcommands(
        safe=entries(
            """
            tree, version, help, pip list, pip show, pip freeze, pip tree
            """
        )
    ),
    "conda": Subcommands(
        safe=entries("list, info, search, env list, config --show, compare")
    ),
    "gem": Subcommands(
        safe=entries("list, search, info, environment, env, outdated, which")
    ),
    "npm": _NPM,
    "pnpm": _NPM,
    "yarn": _NPM,
    "cargo": Subcommands(
        safe=entries(
            """
            build, b, check, c, test, t, bench, doc, d, tree, search, metadata, clippy,
            version, locate-project, pkgid, verify-project, help, fetch, audit, nextest,
            --list, new, init
            """
        ),
        danger=entries("yank"),
    ),
    "go": Subcommands(
        safe=entries(
            """
            build, test, vet, version, env, list, doc, help, mod graph, mod why, mod
            verify
            """
        )
    ),
    "docker": _DOCKER,
    "podman": _DOCKER,
    "nerdctl": _DOCKER,
    "docker-compose": Subcommands(
        safe=entries(_COMPOSE_SAFE),
        danger=entries("rm, kill"),
        danger_options=entries("down -v, down --volumes, down --rmi"),
        value_options=entries("-f, --file, -p, --project-name, --env-file"),
    ),
    "kubectl": _KUBECTL,
    "oc": _KUBECTL,
    "k3s": Subcommands(safe=entries("check-config")),
    "helm": Subcommands(
        safe=entries(
            """
            list, ls, status, get, show, search, template, lint, history, version, env,
            repo list, dependency list, verify, diff
            """
        ),
        danger=entries("uninstall, delete, del, un"),
        danger_options=entries("upgrade --force"),
        value_options=entries("-n, --namespace, --kube-context, --kubeconfig"),
    ),
    "minikube": Subcommands(
        safe=entries("status, ip, logs, version, profile"), danger=entries("delete")
    ),
    "kind": Subcommands(safe=entries("get, version"), danger=entries("delete")),
    "terraform": _TERRAFORM,
    "tofu": _TERRAFORM,
    "pulumi": Subcommands(
        safe=entries("preview, about, whoami, version, logs, stack ls"),
        danger=entries("destroy, stack rm, state delete, cancel"),
    ),
    "vagrant": Subcommands(
        safe=entries("status, global-status, version, ssh-config, port"),
        danger=entries("destroy"),
    ),
    "systemctl": Subcommands(
        safe=entries(
            """
            status, list-units, list-unit-files, list-timers, list-sockets,
            list-dependencies, list-jobs, list-machines, show, cat, is-active,
            is-enabled, is-failed, is-system-running, help, get-default,
            show-environment
            """
        ),
        danger=entries(
            """
            poweroff, reboot, halt, kexec, rescue, emergency, suspend, hibernate, kill
            """
        ),
        value_options=entries(
            """
            -H, --host, -M, --machine, -t, --type, -n, --lines, -o, -p
            """
        ),
    ),
    "journalctl": Subcommands(
        default=Risk.SAFE,
        danger_options=entries(
            "--vacuum-size, --vacuum-time, --vacuum-files, --rotate"
        ),
    ),
    "launchctl": Subcommands(safe=entries("list, print, blame, help, version")),
    "loginctl": Subcommands(
        safe=entries(
            """
            list-sessions, list-users, session-status, user-status, show-session
            """
        ),
        danger=entries(
            """
            poweroff, reboot, terminate-session, terminate-user, kill-session, kill-user
            """
        ),
    ),
    "ip": Subcommands(
        safe=entries(
            """
            a, addr, address, addr show, address show, a show, l, link, link show, r,
            route, route show, route get, r get, n, neigh, neigh show, rule, rule show,
            maddr, netns, netns list
            """
        ),
        danger=entries(
            """
            addr flush, route flush, a flush, r flush, link delete, netns delete
            """
        ),
        value_options=entries("-n, -netns, -f, -family"),
    ),
    "nmcli": Subcommands(
        safe=entries("general, device, connection show, device status, dev wifi")
    ),
    "ufw": Subcommands(
        safe=entries("status, version, show, app list"),
        danger=entries("disable, reset"),
    ),
    "zfs": Subcommands(
        safe=entries("list, get, diff, holds"), danger=entries("destroy, rollback")
    ),
    "zpool": Subcommands(
        safe=entries("list, status, get, iostat, history"),
        danger=entries("destroy, labelclear"),
    ),
    "btrfs": Subcommands(
        safe=entries(
            """
            filesystem show, filesystem df, filesystem usage, subvolume list
            """
        ),
        danger=entries(
            """
            subvolume delete, subvolume del, device delete, device remove
            """
        ),
    ),
    "gh": Subcommands(
        safe=entries(
            """
            auth status, pr list, pr view, pr status, pr diff, pr checks, issue list,
            issue view, issue status, repo view, repo list, run list, run view, run
            watch, release list, release view, workflow list, workflow view, search,
            status, gist list, gist view, browse, help, version, label list
            """
        ),
        danger=entries(
            """
            repo delete, release delete, gist delete, secret delete, repo archive
            """
        ),
    ),
    "tmux": Subcommands(
        safe=entries(
            """
            ls, list-sessions, attach, a, attach-session, new, new-session,
            list-windows, lsw, list-panes, lsp, detach, display-message, show-options,
            list-keys, info
            """
        ),
        danger=entries("kill-server, kill-session, kill-window, kill-pane"),
        value_options=entries("-L, -S, -f"),
    ),
    "ollama": Subcommands(
        safe=entries("list, ls, ps, show, help, run, serve"), danger=entries("rm")
    ),
    "rustup": Subcommands(
        safe=entries(
            """
            show, toolchain list, target list, which, doc, check, help
            """
        )
    ),
    "hg": Subcommands(
        safe=entries(
            """
            status, st, log, diff, summary, branches, tags, heads, id, help, add, init
            """
        ),
        danger=entries("strip, purge"),
        danger_options=entries(
            """
            update -C, update --clean, push -f, push --force, revert --all
            """
        ),
    ),
    "svn": Subcommands(
        safe=entries(
            """
            status, st, log, diff, info, list, ls, blame, cat, help, add
            """
        )
    ),
    "redis-cli": Subcommands(
        safe=entries(
            """
            ping, get, keys, info, scan, ttl, type, exists, dbsize, monitor
            """
        ),
        danger=entries("flushall, flushdb, del, shutdown, unlink"),
        value_options=entries("-h, -p, -n, -a, -u, --user, --pass"),
    ),
}
SUBCOMMANDS["pip3"] = SUBCOMMANDS["pipx"] = SUBCOMMANDS["pip"]

GIT = Subcommands(
    safe=entries(
        """
        status, log, diff, show, blame, annotate, grep, shortlog, describe, rev-parse,
        rev-list, ls-files, ls-tree, ls-remote, cat-file, merge-base, name-rev,
        show-ref, for-each-ref, show-branch, var, version, help, whatchanged, cherry,
        count-objects, fsck, range-diff, check-ignore, check-attr, verify-commit,
        verify-tag, diff-tree, diff-index, diff-files, fetch, add, stage, init, gitk,
        gui, instaweb, bugreport, diagnose, request-pull, format-patch, archive, stash
        list, stash show, remote show, remote get-url, remote -v, remote --verbose,
        remote -vv, notes list, notes show, worktree list, submodule status, submodule
        summary, bisect log, bisect view, lfs ls-files, config --list, config -l, config
        --get, config --get-all, config list, config get, config --get-regexp, config
        --show-origin, reflog show, reflog exists
        """
    ),
    danger=entries(
        """
        filter-branch, filter-repo, clean, stash drop, stash clear, reflog expire,
        reflog delete, update-ref, prune, replace, lfs prune
        """
    ),
    danger_options=entries(
        """
        push --force, push -f, push --force-with-lease, push --force-if-includes, push
        --mirror, push --delete, push -d, push --prune, reset --hard, reset --merge,
        reset --keep, checkout -f, checkout --force, checkout --, checkout ., checkout
        --ours, checkout --theirs, switch -f, switch --force, switch --discard-changes,
        switch -C, checkout -B, branch -D, branch -M, branch -C, branch -f, branch
        --force, rm -f, rm --force, gc --prune, gc --aggressive, submodule deinit -f,
        submodule deinit --force, worktree remove -f, worktree remove --force, tag -f,
        tag --force, fetch --prune-tags, rebase --root, am --abort, merge --abort,
        rebase --abort, cherry-pick --abort, revert --abort, read-tree --reset,
        checkout-index -f, commit --amend --no-edit --reset-author
        """
    ),
    safe_options=entries("--dry-run"),
    value_options=entries("-C, -c, --git-dir, --work-tree, --namespace, --config-env"),
)
# Of these, only listing is harmless: any operand or other option changes something.
GIT_LISTING: dict[str, frozenset[str]] = {
    "branch": entries(
        """
        -a, --all, -r, --remotes, -v, -vv, --verbose, --list, -l, --show-current,
        --merged, --no-merged, --contains, --sort, --color, --no-color
        """
    ),
    "tag": entries("-l, --list, -n, --sort, --contains, --merged, --points-at"),
    "remote": entries("-v, --verbose"),
    "reflog": entries("-n, --oneline, --all"),
    "notes": frozenset(),
    "worktree": frozenset(),
    "submodule": frozenset(),
}
