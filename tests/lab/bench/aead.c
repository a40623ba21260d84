/* What decrypting alone costs: an AEAD of the same mbedTLS over so many bytes, in TLS records of 16 KB.
 *   aead aes-128|aes-256|chacha BYTES      prints the CPU seconds, as JSON */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>

static unsigned char in[16384], out[16384], key[32] = {1}, iv[12] = {2}, tag[16], head[13] = {3};
static mbedtls_gcm_context gcm;
static mbedtls_chachapoly_context chacha;

/* The encryption of ChaCha20-Poly1305 is the same work, and asks for no right tag. */
static int record(int is_chacha)
{
    return is_chacha
               ? mbedtls_chachapoly_encrypt_and_tag(&chacha, sizeof in, iv, head, sizeof head, in,
                                                    out, tag)
               : mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_DECRYPT, sizeof in, iv, sizeof iv,
                                           head, sizeof head, in, out, sizeof tag, tag);
}

int main(int argc, char **argv)
{
    int is_chacha = argc == 3 && strcmp(argv[1], "chacha") == 0;
    unsigned bits = argc == 3 && strcmp(argv[1], "aes-256") == 0 ? 256 : 128;
    struct timespec a, b;

    if (argc != 3)
        return 2;
    mbedtls_gcm_init(&gcm);
    mbedtls_chachapoly_init(&chacha);
    if (mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, bits) != 0 ||
        mbedtls_chachapoly_setkey(&chacha, key) != 0)
        return 1;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (long long left = atoll(argv[2]); left > 0; left -= (long long)sizeof in)
        if (record(is_chacha) != 0)
            return 1;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    printf("{\"seconds\": %.6f}\n",
           (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9);
    mbedtls_gcm_free(&gcm);
    mbedtls_chachapoly_free(&chacha);
    return 0;
}
