#compdef tinyiam
# zsh completion for tinyiam: tinyiam --completion zsh > a folder of $fpath, as _tinyiam
# What may stand at the cursor is the command's answer: platform/host/complete.h.
_tinyiam() {
    local command=${(Q)words[1]} line word
    local -a answer described
    [[ $command == '~/'* ]] && command=$HOME${command#\~}
    [[ ${command:t} == tinyiam ]] || command=tinyiam # an alias
    answer=("${(@f)$($command --complete zsh "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    if [[ ${answer[1]} == $'\tfiles\t'* ]]; then
        word=${answer[1]#$'\tfiles\t'}
        compset -P "${(b)word}"
        _files
        return
    fi
    for line in "${answer[@]}"; do
        word=${line%%$'\t'*}
        word=${word//\\/\\\\}
        [[ -n $word ]] && described+=("${word//:/\\:}:${line#*$'\t'}")
    done
    (( $#described )) && _describe -t values tinyiam described
}
# Sourced, it names itself; as a file of $fpath it is the function's own first call.
if [[ $funcstack[1] == _tinyiam ]]; then
    _tinyiam "$@"
else
    compdef _tinyiam tinyiam
fi
