// JPEG and PNG for the MLImage stand-in: a C ABI over libjpeg-turbo and libpng.
//
// Pixels are 8-bit B, G, R, A in rows without gaps, colours premultiplied by alpha. Decoders take the whole file in
// memory and never read past `size`. Every function returns 0, or 1 after writing a zero-terminated reason to `error`,
// which has room for error_capacity bytes; none lets a longjmp escape. All may be called from several threads.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#define CODECS_API extern "C" __declspec(dllexport)
#else
#define CODECS_API extern "C" __attribute__((visibility("default")))
#endif

constexpr std::size_t error_capacity = 256;

// The size of the image as stored, before any Exif orientation.
CODECS_API int codecs_jpeg_size(const std::uint8_t* file, std::size_t size, std::int32_t* width, std::int32_t* height,
                                char* error);

// `width` and `height` say what `pixels` has room for: the stored size, or for JPEG the stored size divided by `shrink`
// (1, 2, 4 or 8) and rounded up. A file cut off before its last pixel is an error.
CODECS_API int codecs_jpeg_decode(const std::uint8_t* file, std::size_t size, std::int32_t shrink, std::int32_t width,
                                  std::int32_t height, std::uint8_t* pixels, char* error);
CODECS_API int codecs_png_decode(const std::uint8_t* file, std::size_t size, std::int32_t width, std::int32_t height,
                                 std::uint8_t* pixels, char* error);

// Encoders hand out a file that the caller gives back to codecs_free. JPEG drops alpha; PNG expects straight colours,
// not premultiplied ones.
CODECS_API int codecs_jpeg_encode(const std::uint8_t* pixels, std::int32_t width, std::int32_t height,
                                  std::int32_t quality, std::uint8_t** file, std::size_t* size, char* error);
CODECS_API int codecs_png_encode(const std::uint8_t* pixels, std::int32_t width, std::int32_t height,
                                 std::uint8_t** file, std::size_t* size, char* error);
CODECS_API void codecs_free(std::uint8_t* file);

// Rounds a * b / 255 for two bytes, without a division.
inline std::uint8_t multiply_255(unsigned a, unsigned b)
{
    unsigned product = a * b + 128;
    return static_cast<std::uint8_t>((product + (product >> 8)) >> 8);
}
