"""What a secure session is made of: key agreement, handshake, sealed records; for both runtimes.

| module         | what                                                                      |
|----------------|---------------------------------------------------------------------------|
| `curve25519`   | X25519 in steps, so that sampling goes on meanwhile, compiled or plain      |
| `hashes`       | HMAC and HKDF over SHA-256, comparison without an early exit                |
| `chacha20`     | ChaCha20-Poly1305 for the few messages of a handshake                       |
| `noise`        | the handshakes NN and NNpsk0                                                |
| `aes_ccm`      | AES-128-CCM with a tag of 8 bytes, for records                              |
| `aes_ctr`      | the same stream without a tag, for what lies in flash                       |
| `record_seal`  | the keys of both directions, the nonces, the ratchet: a `bandwire.seams.Seal` |
| `short_code`   | what a pairing has beside its handshake: commitment, code, the key that is kept |
| `pairing_window` | when a band may be paired, and how often                                 |
| `secure_session` | what both ends share: steps, time-outs, refusals                         |
| `band_session`, `host_session` | the two ends, which links take                             |
"""
