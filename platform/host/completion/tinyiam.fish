# fish completion for tinyiam: tinyiam --completion fish > ~/.config/fish/completions/tinyiam.fish
# What may stand at the cursor is the command's answer: platform/host/complete.h.
function __tinyiam_answer
    set -l words (commandline -opc)
    set -l word (commandline -ct | string replace -r '^["\']' '')
    set -l command (string replace -r '^~/' "$HOME/" -- $words[1])
    string match -q -r '(^|/)tinyiam$' -- $command; or set command tinyiam # an alias
    $command --complete fish $words "$word" 2>/dev/null
end
# fish itself knows files, behind --checkpoint= as well, but not behind @ and file://.
function __tinyiam_wants_file
    __tinyiam_answer | string match -q -r '^\tfiles\t(--.*)?$'
end
function __tinyiam_complete
    set -l answer (__tinyiam_answer)
    set -l before (string match -r '^\tfiles\t(.*)' -- $answer[1])
    if set -q before[2]
        for name in (__fish_complete_path $answer[2])
            echo "$before[2]$name"
        end
    else
        string join \n -- $answer
    end
end
complete -c tinyiam -n __tinyiam_wants_file -F
complete -c tinyiam -n 'not __tinyiam_wants_file' -f -a '(__tinyiam_complete)'
