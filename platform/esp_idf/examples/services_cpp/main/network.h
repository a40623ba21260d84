// What differs between a chip and the linux target.
#pragma once

// Network up, clock set; false: it is not, and why is in the log.
bool network_start();

// The end of the program: a chip stays idle.
void network_end(int code);
