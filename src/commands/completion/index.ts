import * as Args from '@oclif/core/args';
import { KernelscopeCommand } from '../kernelscope-command.ts';

/** What each shell runs; all of them ask `kernelscope complete` for the words that may come next. */
const scripts = {
  bash: `# kernelscope's completion for bash: source it, or put it into
# ~/.local/share/bash-completion/completions/kernelscope
_kernelscope() {
  local IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=($(kernelscope complete bash "$COMP_POINT" "$COMP_LINE" 2>/dev/null))
  # What stands before a = or : is a word of its own to bash.
  [ "\${#COMPREPLY[@]}" = 0 ] && compopt -o default
  case "\${COMPREPLY[0]}" in *=|*,) compopt -o nospace ;; esac
}
complete -F _kernelscope kernelscope
`,
  zsh: `#compdef kernelscope
# kernelscope's completion for zsh: put it as _kernelscope into a folder of $fpath, or source it after compinit.
compdef _kernelscope kernelscope
_kernelscope() {
  local -a words_found
  words_found=(\${(f)"$(kernelscope complete zsh "$CURSOR" "$BUFFER" 2>/dev/null)"})
  if (( $#words_found )); then _describe -V kernelscope words_found; else _files; fi
}
if [ "$funcstack[1]" = _kernelscope ]; then _kernelscope; fi
`,
  fish: `# kernelscope's completion for fish: put it into ~/.config/fish/completions/kernelscope.fish
function __kernelscope_complete
    kernelscope complete fish (string length -- (commandline -cp)) (commandline -cp) 2>/dev/null
end
complete -c kernelscope -e
complete -c kernelscope -a '(__kernelscope_complete)'
`,
} as const;

export class Completion extends KernelscopeCommand {
  static override summary = 'Print what makes a shell complete commands, flags, categories and columns.';
  static override description =
    'Names of categories and columns are those of the database that is asked at that moment.';
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion zsh > ~/.zfunc/_kernelscope',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/kernelscope.fish',
  ];
  static override flags = {};
  static override args = {
    shell: Args.string({
      description: 'The shell: bash, zsh or fish.',
      required: true,
      options: Object.keys(scripts),
    }),
  };

  async run(): Promise<{ readonly script: string }> {
    const { args } = await this.parse(Completion);
    const script = scripts[args.shell as keyof typeof scripts];
    this.log(script.trimEnd());
    return { script };
  }
}
