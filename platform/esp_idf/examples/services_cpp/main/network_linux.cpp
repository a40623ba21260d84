// The linux target: network and clock are the host's.
#include "network.h"

#include <cstdio>
#include <unistd.h>

bool network_start()
{
    return true;
}

void network_end(int code)
{
    std::fflush(nullptr);
    _exit(code);
}
