#include "codecs.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <png.h>

namespace
{

// libpng jumps back to setjmp(png_jmpbuf()) after this.
[[noreturn]] void fail(png_structp codec, png_const_charp message)
{
    std::snprintf(static_cast<char*>(png_get_error_ptr(codec)), error_capacity, "%s", message);
    png_longjmp(codec, 1);
}

void ignore_warning(png_structp, png_const_charp)
{
}

struct input
{
    const std::uint8_t* next;
    std::size_t left;
};

void read(png_structp decoder, png_bytep destination, std::size_t count)
{
    input& source = *static_cast<input*>(png_get_io_ptr(decoder));
    if (count > source.left)
        png_error(decoder, "the PNG file is truncated");
    std::memcpy(destination, source.next, count);
    source.next += count;
    source.left -= count;
}

struct output
{
    std::uint8_t* file;
    std::size_t size;
    std::size_t capacity;
};

void append(png_structp encoder, png_bytep data, std::size_t count)
{
    output& target = *static_cast<output*>(png_get_io_ptr(encoder));
    if (target.size + count > target.capacity)
    {
        std::size_t capacity = (target.size + count) * 2;
        void* larger = std::realloc(target.file, capacity);
        if (larger == nullptr)
            png_error(encoder, "not enough memory for the PNG file");
        target.file = static_cast<std::uint8_t*>(larger);
        target.capacity = capacity;
    }
    std::memcpy(target.file + target.size, data, count);
    target.size += count;
}

void flush(png_structp)
{
}

// Whatever the file holds (palette, grey, 16 bits, transparent colour) becomes 8-bit B, G, R, A. Of 16 bits the upper 8
// are kept.
void ask_for_bgra(png_structp decoder)
{
    png_set_expand(decoder);
    png_set_strip_16(decoder);
    png_set_gray_to_rgb(decoder);
    png_set_bgr(decoder);
    png_set_add_alpha(decoder, 255, PNG_FILLER_AFTER);
}

void premultiply(std::uint8_t* pixel, std::size_t count)
{
    for (; count > 0; --count, pixel += 4)
    {
        for (int channel = 0; channel < 3; ++channel)
            pixel[channel] = multiply_255(pixel[channel], pixel[3]);
    }
}

}

int codecs_png_decode(const std::uint8_t* file, std::size_t size, std::int32_t width, std::int32_t height,
                      std::uint8_t* pixels, char* error)
{
    input source{file, size};
    std::snprintf(error, error_capacity, "libpng could not be started");
    png_structp decoder = png_create_read_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore_warning);
    if (decoder == nullptr)
        return 1;
    png_infop info = png_create_info_struct(decoder);
    if (info == nullptr || setjmp(png_jmpbuf(decoder)))
    {
        png_destroy_read_struct(&decoder, &info, nullptr);
        return 1;
    }

    png_set_read_fn(decoder, &source, read);
    png_read_info(decoder, info);
    ask_for_bgra(decoder);
    int passes = png_set_interlace_handling(decoder);
    png_read_update_info(decoder, info);
    std::size_t stride = static_cast<std::size_t>(width) * 4;
    if (png_get_image_width(decoder, info) != static_cast<png_uint_32>(width) ||
        png_get_image_height(decoder, info) != static_cast<png_uint_32>(height) ||
        png_get_rowbytes(decoder, info) != stride)
        png_error(decoder, "the PNG header does not agree with itself");

    for (int pass = 0; pass < passes; ++pass)
    {
        for (std::int32_t y = 0; y < height; ++y)
            png_read_row(decoder, pixels + static_cast<std::size_t>(y) * stride, nullptr);
    }
    png_destroy_read_struct(&decoder, &info, nullptr);

    premultiply(pixels, static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    return 0;
}

int codecs_png_encode(const std::uint8_t* pixels, std::int32_t width, std::int32_t height, std::uint8_t** file,
                      std::size_t* size, char* error)
{
    output target{nullptr, 0, 0};
    std::snprintf(error, error_capacity, "libpng could not be started");
    png_structp encoder = png_create_write_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore_warning);
    if (encoder == nullptr)
        return 1;
    png_infop info = png_create_info_struct(encoder);
    if (info == nullptr || setjmp(png_jmpbuf(encoder)))
    {
        png_destroy_write_struct(&encoder, &info);
        std::free(target.file);
        return 1;
    }

    png_set_write_fn(encoder, &target, append, flush);
    png_set_IHDR(encoder, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8,
                 PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(encoder, info);
    png_set_bgr(encoder);
    for (std::int32_t y = 0; y < height; ++y)
        png_write_row(encoder, pixels + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 4);
    png_write_end(encoder, info);
    png_destroy_write_struct(&encoder, &info);

    *file = target.file;
    *size = target.size;
    return 0;
}
