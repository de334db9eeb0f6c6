import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.shell.inside import taker_of_commands, taker_of_line


@pytest.mark.parametrize(
    ("line", "taker"),
    [
        ("bash", "bash"),
        ("-bash", "bash"),
        ("/usr/bin/zsh -f", "zsh"),
        ("bash --rcfile x --norc -i", "bash"),
        ("bash -o vi", "bash"),
        ("fish -C 'echo hi'", "fish"),
        ("sh -s", "sh"),
        ("busybox sh", "busybox"),
        ("LANG=C exec -a x zsh -l", "zsh"),
        ("cd /tmp && bash", "bash"),
        ("ssh host", "ssh"),
        ("ssh -p 22 -oX=y ada@host", "ssh"),
        ("ssh -p22 -A host", "ssh"),
        ("ssh -t host tmux attach", "ssh"),
        ("autossh host", "ssh"),
        ("mosh host", "mosh"),
        ("mosh-client '#' 127.0.0.1 60001", "mosh"),
        ("su", "su"),
        ("su - ada", "su"),
        ("sudo -i", "sudo"),
        ("sudo -u ada -s", "sudo"),
        ("sudo su -", "sudo"),
        ("sudo -E env A=b bash", "sudo"),
        ("sudo ssh host", "ssh"),
        ("doas -s", "doas"),
        ("nice -n 5 bash", "bash"),
        ("chroot /mnt", "chroot"),
        ("chroot /mnt /bin/sh", "sh"),
        ("unshare -r", "unshare"),
        ("docker exec -it web sh", "docker"),
        ("docker run --rm -ti debian", "docker"),
        ("docker compose exec web sh", "docker"),
        ("docker attach web", "docker"),
        ("podman exec --tty web sh", "podman"),
        ("kubectl -n web exec -it pod -- sh", "kubectl"),
        ("vagrant ssh", "vagrant"),
        ("nix develop", "nix"),
        ("tmux", "tmux"),
        ("tmux attach -t main", "tmux"),
        ("screen -r", "screen"),
    ],
)
def test_who_takes_commands(line: str, taker: str) -> None:
    assert taker_of_line(line) == taker


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ls -l",
        "bash script.sh",
        "bash -c 'sleep 5'",
        "bash -lc 'sleep 5'",
        "bash --version",
        "fish -c 'sleep 5'",
        "sh -x build",
        "sudo apt install bash",
        "sudo",
        "sudo -u ada",
        "su -c id",
        "ssh host uptime",
        "ssh -N -L 1:a:2 host",
        "ssh -V",
        "ssh",
        "docker ps",
        "docker run -d web",
        "docker exec web ls",
        "kubectl get pods",
        "nix-shell --run make",
        "nix build",
        "git push",
        "rsync -e ssh a b:",
        "python3",
        "psql -h ssh",
        "node",
        "env",
        "A=b",
        "echo bash",
        "timeout 5 make",
        "echo ls | bash",
    ],
)
def test_who_takes_none(line: str) -> None:
    assert taker_of_line(line) == ""


WORDS = st.sampled_from(
    ["sudo", "env", "-", "--", "-u", "-it", "bash", "ssh", "docker", "exec", "A=b", ""]
)


@given(words=st.lists(WORDS | st.text(max_size=5), max_size=8))
def test_any_words(words: list[str]) -> None:
    taker = taker_of_commands(words)
    assert taker == "" or any(taker in word for word in words)


@given(line=st.text(max_size=60))
def test_any_line(line: str) -> None:
    assert isinstance(taker_of_line(line), str)
