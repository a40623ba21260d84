/* What decrypting alone costs: AES-GCM of the same mbedTLS over so many bytes, in TLS records of 16 KB.
 *   gcm BITS BYTES      prints the CPU seconds, as JSON */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <mbedtls/gcm.h>

int main(int argc, char **argv)
{
    static unsigned char in[16384], out[16384];
    unsigned char key[32] = {1}, iv[12] = {2}, tag[16], head[13] = {3};
    mbedtls_gcm_context gcm;
    struct timespec a, b;
    long long left;

    if (argc != 3)
        return 2;
    mbedtls_gcm_init(&gcm);
    if (mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, (unsigned)atoi(argv[1])) != 0)
        return 1;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (left = atoll(argv[2]); left > 0; left -= (long long)sizeof in)
        if (mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_DECRYPT, sizeof in, iv, sizeof iv, head,
                                      sizeof head, in, out, sizeof tag, tag) != 0)
            return 1;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    printf("{\"seconds\": %.6f}\n",
           (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
    mbedtls_gcm_free(&gcm);
    return 0;
}
