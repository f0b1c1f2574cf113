#include "codecs.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <jpeglib.h>
#include <jerror.h>

namespace
{

// libjpeg reports through function pointers in this struct; its own defaults print to stderr and call exit().
struct error_state
{
    jpeg_error_mgr manager;
    std::jmp_buf escape;
    char* reason;
    bool input_ended;
    bool pixels_missing;
};

error_state& state_of(j_common_ptr codec)
{
    return *reinterpret_cast<error_state*>(codec->err);
}

[[noreturn]] void fail(j_common_ptr codec)
{
    error_state& state = state_of(codec);
    char message[JMSG_LENGTH_MAX];
    state.manager.format_message(codec, message);
    std::snprintf(state.reason, error_capacity, "%s", message);
    std::longjmp(state.escape, 1);
}

// libjpeg only warns when a file ends early and fills the rest with grey. A missing end marker alone is harmless.
void note_warning(j_common_ptr codec, int level)
{
    error_state& state = state_of(codec);
    if (level >= 0)
        return;
    if (state.manager.msg_code == JWRN_JPEG_EOF)
        state.input_ended = true;
    if (state.manager.msg_code == JWRN_HIT_MARKER && state.input_ended)
        state.pixels_missing = true;
}

jpeg_error_mgr* report_to(error_state& state, char* reason)
{
    jpeg_std_error(&state.manager);
    state.manager.error_exit = fail;
    state.manager.emit_message = note_warning;
    state.reason = reason;
    state.input_ended = false;
    state.pixels_missing = false;
    return &state.manager;
}

void read_header(jpeg_decompress_struct& decoder, const std::uint8_t* file, std::size_t size)
{
    jpeg_create_decompress(&decoder);
    jpeg_mem_src(&decoder, file, static_cast<unsigned long>(size));
    jpeg_read_header(&decoder, TRUE);
}

// Print colours as Adobe's programs store them: inverted, so that 255 is no ink.
void cmyk_to_bgra(std::uint8_t* row, std::size_t width)
{
    for (std::size_t x = 0; x < width; ++x, row += 4)
    {
        unsigned cyan = row[0], magenta = row[1], yellow = row[2], black = row[3];
        row[0] = multiply_255(yellow, black);
        row[1] = multiply_255(magenta, black);
        row[2] = multiply_255(cyan, black);
        row[3] = 255;
    }
}

}

int codecs_jpeg_size(const std::uint8_t* file, std::size_t size, std::int32_t* width, std::int32_t* height, char* error)
{
    jpeg_decompress_struct decoder{};
    error_state state;
    decoder.err = report_to(state, error);
    if (setjmp(state.escape))
    {
        jpeg_destroy_decompress(&decoder);
        return 1;
    }

    read_header(decoder, file, size);
    *width = static_cast<std::int32_t>(decoder.image_width);
    *height = static_cast<std::int32_t>(decoder.image_height);
    jpeg_destroy_decompress(&decoder);
    return 0;
}

int codecs_jpeg_decode(const std::uint8_t* file, std::size_t size, std::int32_t shrink, std::int32_t width,
                       std::int32_t height, std::uint8_t* pixels, char* error)
{
    jpeg_decompress_struct decoder{};
    error_state state;
    decoder.err = report_to(state, error);
    if (setjmp(state.escape))
    {
        jpeg_destroy_decompress(&decoder);
        return 1;
    }

    read_header(decoder, file, size);
    bool cmyk = decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
    decoder.out_color_space = cmyk ? JCS_CMYK : JCS_EXT_BGRA;
    decoder.scale_num = 1;
    decoder.scale_denom = static_cast<unsigned>(shrink);
    jpeg_start_decompress(&decoder);
    if (decoder.output_width != static_cast<JDIMENSION>(width) ||
        decoder.output_height != static_cast<JDIMENSION>(height))
    {
        std::snprintf(error, error_capacity, "expected %d x %d pixels, found %u x %u", width, height,
                      decoder.output_width, decoder.output_height);
        jpeg_destroy_decompress(&decoder);
        return 1;
    }

    std::size_t stride = static_cast<std::size_t>(width) * 4;
    while (decoder.output_scanline < decoder.output_height)
    {
        JSAMPROW row = pixels + decoder.output_scanline * stride;
        jpeg_read_scanlines(&decoder, &row, 1);
        if (cmyk)
            cmyk_to_bgra(row, static_cast<std::size_t>(width));
    }
    // Where the scans refine each other, one that is missing altogether leaves no other trace.
    bool truncated = state.pixels_missing || (state.input_ended && jpeg_has_multiple_scans(&decoder));
    jpeg_destroy_decompress(&decoder);

    if (truncated)
    {
        std::snprintf(error, error_capacity, "the JPEG file is truncated");
        return 1;
    }
    return 0;
}

int codecs_jpeg_encode(const std::uint8_t* pixels, std::int32_t width, std::int32_t height, std::int32_t quality,
                       std::uint8_t** file, std::size_t* size, char* error)
{
    if (width > JPEG_MAX_DIMENSION || height > JPEG_MAX_DIMENSION)
    {
        std::snprintf(error, error_capacity, "a JPEG file holds at most %ld x %ld pixels", JPEG_MAX_DIMENSION,
                      JPEG_MAX_DIMENSION);
        return 1;
    }

    jpeg_compress_struct encoder{};
    error_state state;
    unsigned long written = 0;
    *file = nullptr;
    encoder.err = report_to(state, error);
    if (setjmp(state.escape))
    {
        jpeg_destroy_compress(&encoder);
        return 1;
    }

    jpeg_create_compress(&encoder);
    jpeg_mem_dest(&encoder, file, &written);
    encoder.image_width = static_cast<JDIMENSION>(width);
    encoder.image_height = static_cast<JDIMENSION>(height);
    encoder.input_components = 4;
    encoder.in_color_space = JCS_EXT_BGRX;
    jpeg_set_defaults(&encoder);
    jpeg_set_quality(&encoder, quality, TRUE);
    jpeg_start_compress(&encoder, TRUE);
    std::size_t stride = static_cast<std::size_t>(width) * 4;
    while (encoder.next_scanline < encoder.image_height)
    {
        JSAMPROW row = const_cast<JSAMPROW>(pixels + encoder.next_scanline * stride);
        jpeg_write_scanlines(&encoder, &row, 1);
    }
    jpeg_finish_compress(&encoder);
    jpeg_destroy_compress(&encoder);
    *size = written;
    return 0;
}

void codecs_free(std::uint8_t* file)
{
    std::free(file);
}
