# bash completion for tinyiam (bash 4 and later): source <(tinyiam --completion bash)
# What may stand at the cursor is the command's answer: platform/host/complete.h.
_tinyiam() {
    local name command=${1/#~\//$HOME/}
    [[ ${command##*/} == tinyiam ]] || command=tinyiam # an alias
    mapfile -t COMPREPLY < <("$command" --complete bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    [[ $3 != *[\<\>] ]] || COMPREPLY=($'\tfiles\t')
    [[ ${COMPREPLY[0]-} == $'\tfiles\t'* ]] || return 0
    if [[ $2 != @* ]]; then # readline knows folders, blanks, ~ and quotes
        COMPREPLY=()
        compopt -o default
        return
    fi
    # but takes what begins with @ for a host
    mapfile -t COMPREPLY < <(compgen -f -- "${COMPREPLY[1]}" | while IFS= read -r name; do
        [[ -d ${name/#~\//$HOME/} ]] && name+=/
        [[ $COMP_LINE == *[\"\']"$2" ]] || printf -v name %q "$name"
        echo "@$name"
    done)
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -F _tinyiam tinyiam
