/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A thin shim over libjpeg-turbo: one picture of a camera at a time, to planes of 4:2:0. */

struct cjpeg_decoder;

/* Where the planes of a 4:2:0 picture lie: strides are whole multiples of 16 for luma, of 8 for chroma. */
struct cjpeg_planes {
  uint8_t *start;
  size_t offsets[3], strides[3];
  unsigned width, height; /* of the picture; it must be of this size */
};

enum {
  cjpeg_decoded = 0,
  cjpeg_damaged = 1,     /* not all of a picture is there, or not as it was */
  cjpeg_unsuitable = 2,  /* of another size, progressive, or in other colours than Y, Cb and Cr */
  cjpeg_out_of_memory = 3
};

/* NULL when there is no memory. */
struct cjpeg_decoder *cjpeg_open(void);
void cjpeg_close(struct cjpeg_decoder *decoder);

/* Decodes one picture; what the planes hold after a failure is not defined. */
int cjpeg_decode(struct cjpeg_decoder *decoder, const uint8_t *bytes, size_t count,
                 const struct cjpeg_planes *planes);
