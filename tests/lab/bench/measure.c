/* Runs a program and says what it cost, as a line of JSON in FILE: its memory is its own, not that of
 * who started it (a child of a large process begins with that process's peak).
 *   measure FILE PROGRAM ARGUMENT...        times are of CLOCK_MONOTONIC */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(int argc, char **argv)
{
    struct rusage used;
    long long began = now_ns(), ended;
    int status;
    FILE *to;
    pid_t pid;
    if (argc < 3)
        return 2;
    pid = vfork();
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
        return 1;
    ended = now_ns();
    to = fopen(argv[1], "w");
    if (!to)
        return 1;
    fprintf(to,
            "{\"code\": %d, \"began_ns\": %lld, \"wall_s\": %.6f, \"cpu_s\": %.6f, "
            "\"rss_kib\": %ld}\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : 255, began, (double)(ended - began) / 1e9,
            (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
            used.ru_maxrss);
    fclose(to);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}
