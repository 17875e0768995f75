// Decodes a file again and again, with DCMTK (a DICOM file) or OpenJPEG (a codestream, *.j2k), and prints the milliseconds of each time.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <openjpeg.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

static bool decodeDicom(const char *name, double &milliseconds)
{
    DcmFileFormat file;
    if (file.loadFile(name).bad() || file.loadAllDataIntoMemory().bad())
        return false;
    const auto start = std::chrono::steady_clock::now();
    const bool good = file.getDataset()->chooseRepresentation(EXS_LittleEndianExplicit, nullptr).good();
    milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return good;
}

static bool decodeCodestream(const char *name, double &milliseconds)
{
    const auto start = std::chrono::steady_clock::now();
    opj_stream_t *stream = opj_stream_create_default_file_stream(name, OPJ_TRUE);
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t *image = nullptr;
    const bool good = stream && opj_setup_decoder(codec, &parameters) && opj_read_header(stream, codec, &image) && opj_decode(codec, stream, image);
    milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    opj_image_destroy(image);
    opj_destroy_codec(codec);
    opj_stream_destroy(stream);
    return good;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    DcmRLEDecoderRegistration::registerCodecs();
    const std::string name = argv[1];
    const bool isCodestream = name.size() > 4 && name.substr(name.size() - 4) == ".j2k";
    for (int times = std::atoi(argv[2]); times > 0; times--)
    {
        double milliseconds = 0;
        if (!(isCodestream ? decodeCodestream(argv[1], milliseconds) : decodeDicom(argv[1], milliseconds)))
        {
            std::fprintf(stderr, "%s can't be decoded\n", argv[1]);
            return 1;
        }
        std::printf("%.4f\n", milliseconds);
    }
    return 0;
}
