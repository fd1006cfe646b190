import type { Shell } from './shells.js';

/**
 * A script for each shell that asks the command itself: `localize completion words -- <what is typed>` prints a word a
 * line with its meaning behind a tab, and `:files` where file names fit as well.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of localize: eval "$(localize completion bash)" in ~/.bashrc
_localize() {
  local line word current open= typed=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  # Words come as they were typed: in quotes, or with backslashes.
  [[ \${COMP_WORDS[COMP_CWORD]} == [\\'\\"]* ]] && open=yes
  typed=("\${typed[@]//[\\'\\"\\\\]/}")
  current="\${typed[COMP_CWORD - 1]}"
  [[ $current == = ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    elif word="\${line%%$'\\t'*}"; [[ $word == "$current"* ]]; then
      # Within quotes that are open yet, a word stands as it is.
      [[ $open ]] || printf -v word %q "$word"
      COMPREPLY+=("\${word//\\\\,/,}")
    fi
  done < <("\${COMP_WORDS[0]}" completion words -- "\${typed[@]}" 2>/dev/null)
}
complete -F _localize localize
`,
  zsh: `#compdef localize
# zsh completion of localize: eval "$(localize completion zsh)" in ~/.zshrc, behind compinit
_localize() {
  local line tab=$'\\t'
  local -a described
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    elif [[ $line == *$tab* ]]; then
      described+=("\${\${line%%$tab*}//:/\\\\:}:\${line#*$tab}")
    else
      described+=("\${line//:/\\\\:}")
    fi
  done < <("\${words[1]}" completion words -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#described )) && _describe -V localize described
}
if [[ \${funcstack[1]} == _localize ]]; then _localize "$@"; else compdef _localize localize; fi
`,
  fish: `# fish completion of localize: localize completion fish > ~/.config/fish/completions/localize.fish
function __localize_words
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    # It comes as it was typed: with backslashes, or in quotes that are open yet.
    set -l plain (string unescape -- "$current"; or string replace -r '^["\\']' '' -- "$current")
    for line in ($typed[1] completion words -- $typed[2..-1] "$plain" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo "$line"
        end
    end
end
complete -c localize -f -a '(__localize_words)'
`,
};
