/* SPDX-License-Identifier: Apache-2.0 */
#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

enum { block = 8, most_lines = 2 * block };

struct cjpeg_decoder {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  jmp_buf refused;
  int result;
  uint8_t *scratch; /* a line nobody sees, then the chroma lines of one row of blocks, twice */
  size_t scratch_size;
};

static void refuse(struct cjpeg_decoder *decoder, int result) {
  decoder->result = result;
  longjmp(decoder->refused, 1);
}

static void on_error(j_common_ptr jpeg) {
  int is_memory = jpeg->err->msg_code == JERR_OUT_OF_MEMORY;
  refuse(jpeg->client_data, is_memory ? cjpeg_out_of_memory : cjpeg_damaged);
}

/* libjpeg mends what it warns of; a picture that had to be mended is not shown. Cameras pad their
 * data, and that is no damage. */
static void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_ICC: return;
    default: refuse(jpeg->client_data, cjpeg_damaged);
  }
}

static void on_output(j_common_ptr jpeg) { (void)jpeg; }
static void on_source(j_decompress_ptr jpeg) { (void)jpeg; }

/* The end: libjpeg looks ahead, so this is reached by whole pictures too. When bits of the picture
 * are missing, it warns of the marker. */
static boolean on_end(j_decompress_ptr jpeg) {
  static const JOCTET marker[2] = {0xFF, JPEG_EOI};
  jpeg->src->next_input_byte = marker;
  jpeg->src->bytes_in_buffer = sizeof marker;
  return TRUE;
}

static void on_skip(j_decompress_ptr jpeg, long count) {
  struct jpeg_source_mgr *source = jpeg->src;
  if (count <= 0) return;
  if ((size_t)count > source->bytes_in_buffer) count = (long)source->bytes_in_buffer;
  source->next_input_byte += count;
  source->bytes_in_buffer -= (size_t)count;
}

struct cjpeg_decoder *cjpeg_open(void) { return calloc(1, sizeof(struct cjpeg_decoder)); }

void cjpeg_close(struct cjpeg_decoder *decoder) {
  free(decoder->scratch);
  free(decoder);
}

/* Made anew for each picture: otherwise the tables of one would be used for the next that has none. */
static void begin(struct cjpeg_decoder *decoder, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(&decoder->jpeg);
  decoder->source.init_source = on_source;
  decoder->source.fill_input_buffer = on_end;
  decoder->source.skip_input_data = on_skip;
  decoder->source.resync_to_restart = jpeg_resync_to_restart;
  decoder->source.term_source = on_source;
  decoder->source.next_input_byte = bytes;
  decoder->source.bytes_in_buffer = count;
  decoder->jpeg.src = &decoder->source;
}

/* How the chroma of a picture has to be made smaller: 1 where it is as fine as luma, 2 where half. */
struct sampling {
  int is_grey, across, down;
};

/* Refuses whatever a camera does not send and would cost more memory or time than a picture may. */
static struct sampling inspect(struct cjpeg_decoder *decoder, const struct cjpeg_planes *planes) {
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  struct sampling sampling = {jpeg->num_components == 1, 2, 2};
  const jpeg_component_info *parts = jpeg->comp_info;
  if (jpeg->image_width != planes->width || jpeg->image_height != planes->height ||
      jpeg->progressive_mode || jpeg->arith_code || jpeg_has_multiple_scans(jpeg))
    refuse(decoder, cjpeg_unsuitable);
  int most_across = parts[0].h_samp_factor, most_down = parts[0].v_samp_factor;
  if (most_across > 2 || most_down > 2) refuse(decoder, cjpeg_unsuitable);
  if (sampling.is_grey && jpeg->jpeg_color_space == JCS_GRAYSCALE) return sampling;
  if (jpeg->num_components != 3 || jpeg->jpeg_color_space != JCS_YCbCr ||
      parts[1].h_samp_factor != parts[2].h_samp_factor ||
      parts[1].v_samp_factor != parts[2].v_samp_factor ||
      parts[1].h_samp_factor > most_across || parts[1].v_samp_factor > most_down)
    refuse(decoder, cjpeg_unsuitable);
  sampling.across = most_across / parts[1].h_samp_factor;
  sampling.down = most_down / parts[1].v_samp_factor;
  return sampling;
}

static size_t least(size_t left, size_t right) { return left < right ? left : right; }

/* Makes lines of chroma as fine as luma half as fine in one or both directions. */
static void shrink(JSAMPARRAY from, size_t lines, size_t width, struct sampling sampling,
                   uint8_t *to, size_t stride, size_t to_lines) {
  size_t columns = sampling.across == 1 ? (width + 1) / 2 : width;
  for (size_t line = 0; line < to_lines; line++, to += stride) {
    const uint8_t *upper = from[sampling.down == 1 ? 2 * line : line];
    const uint8_t *lower = sampling.down == 1 ? from[least(2 * line + 1, lines - 1)] : upper;
    if (sampling.across == 2) {
      for (size_t column = 0; column < columns; column++)
        to[column] = (uint8_t)((upper[column] + lower[column] + 1) >> 1);
    } else {
      for (size_t column = 0; column < columns; column++) {
        size_t left = 2 * column, right = least(left + 1, width - 1);
        to[column] = (uint8_t)((upper[left] + upper[right] + lower[left] + lower[right] + 2) >> 2);
      }
    }
  }
}

static void decode(struct cjpeg_decoder *decoder, const struct cjpeg_planes *planes) {
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  jpeg_read_header(jpeg, TRUE);
  struct sampling sampling = inspect(decoder, planes);
  jpeg->raw_data_out = TRUE;
  jpeg->out_color_space = jpeg->jpeg_color_space;
  jpeg->do_fancy_upsampling = FALSE;
  jpeg->do_block_smoothing = FALSE;
  jpeg->dct_method = JDCT_ISLOW;

  size_t row = (planes->width + 15) / 16 * 16;
  size_t needed = row * (1 + 2 * most_lines);
  if (decoder->scratch_size < needed) {
    uint8_t *grown = realloc(decoder->scratch, needed);
    if (!grown) refuse(decoder, cjpeg_out_of_memory);
    decoder->scratch = grown;
    decoder->scratch_size = needed;
  }
  if (!jpeg_start_decompress(jpeg)) refuse(decoder, cjpeg_damaged);

  int is_direct = sampling.across == 2 && sampling.down == 2;
  size_t chroma_height = (planes->height + 1) / 2;
  size_t step = (size_t)jpeg->max_v_samp_factor * block;
  JSAMPROW luma[most_lines], first[most_lines], second[most_lines];
  JSAMPARRAY parts[3] = {luma, first, second};
  for (size_t top = 0; top < planes->height; top += step) {
    for (size_t line = 0; line < step; line++)
      luma[line] = top + line < planes->height
                       ? planes->start + planes->offsets[0] + (top + line) * planes->strides[0]
                       : decoder->scratch;
    size_t chroma_lines = step / (size_t)sampling.down;
    for (int part = 1; part < 3; part++) {
      for (size_t line = 0; line < chroma_lines; line++) {
        size_t place = top / 2 + line;
        if (!is_direct)
          parts[part][line] = decoder->scratch + row * (1 + (size_t)(part - 1) * most_lines + line);
        else if (place < chroma_height)
          parts[part][line] =
              planes->start + planes->offsets[part] + place * planes->strides[part];
        else
          parts[part][line] = decoder->scratch;
      }
    }
    if (jpeg_read_raw_data(jpeg, parts, (JDIMENSION)step) != step) refuse(decoder, cjpeg_damaged);
    if (is_direct || sampling.is_grey) continue;
    size_t to_lines = least(step / 2, chroma_height - top / 2);
    size_t lines = least(chroma_lines, (planes->height - top + (size_t)sampling.down - 1) /
                                           (size_t)sampling.down);
    size_t width = (planes->width + (size_t)sampling.across - 1) / (size_t)sampling.across;
    for (int part = 1; part < 3; part++)
      shrink(parts[part], lines, width, sampling,
             planes->start + planes->offsets[part] + top / 2 * planes->strides[part],
             planes->strides[part], to_lines);
  }
  if (!sampling.is_grey) return;
  for (int part = 1; part < 3; part++)
    for (size_t line = 0; line < chroma_height; line++)
      memset(planes->start + planes->offsets[part] + line * planes->strides[part], 128,
             (planes->width + 1) / 2);
}

int cjpeg_decode(struct cjpeg_decoder *decoder, const uint8_t *bytes, size_t count,
                 const struct cjpeg_planes *planes) {
  decoder->result = cjpeg_decoded;
  memset(&decoder->jpeg, 0, sizeof decoder->jpeg);
  decoder->jpeg.err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = on_error;
  decoder->errors.emit_message = on_message;
  decoder->errors.output_message = on_output;
  decoder->jpeg.client_data = decoder;
  if (!setjmp(decoder->refused)) {
    begin(decoder, bytes, count);
    decode(decoder, planes);
  }
  jpeg_destroy_decompress(&decoder->jpeg);
  return decoder->result;
}
