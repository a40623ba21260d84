/* For MBEDTLS_USER_CONFIG_FILE: mbedTLS as small firmware has it, which forgets a server's certificate once it
 * has been verified, and looks up roots. */
#undef MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK
