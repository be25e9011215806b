"""The command completion: prints the script with which a shell completes searchsvc."""

import click
from click.shell_completion import ShellComplete, get_completion_class

from searchsvc.cli.options import Command

_SHELLS = ("bash", "zsh", "fish")
_PROGRAM, _VARIABLE = "searchsvc", "_SEARCHSVC_COMPLETE"


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash  source <(searchsvc completion bash)    in ~/.bashrc (bash 4.4 or newer)
    zsh   source <(searchsvc completion zsh)     in ~/.zshrc, after compinit
    fish  searchsvc completion fish | source     in ~/.config/fish/config.fish

    It completes commands, options, choices and files, never anything from the index.
    """
    shell_class = get_completion_class(shell)
    assert shell_class is not None
    script = ShellComplete.source(shell_class(ctx.find_root().command, {}, _PROGRAM, _VARIABLE))
    click.echo(script, nl=False)
