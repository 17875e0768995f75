// Reads the files named in a list as the C++ library of DCMTK does, pixels included, and prints the seconds of each pass and those of the processor.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    std::vector<std::string> files;
    std::ifstream list(argv[1]);
    for (std::string line; std::getline(list, line);)
        files.push_back(line);
    unsigned long long sum = 0;
    for (int pass = std::atoi(argv[2]); pass > 0; pass--)
    {
        const auto start = std::chrono::steady_clock::now();
        const auto processor = std::clock();
        for (const auto &name : files)
        {
            DcmFileFormat file;
            const Uint16 *pixels = nullptr;
            unsigned long count = 0;
            if (file.loadFile(name.c_str()).bad() || file.getDataset()->findAndGetUint16Array(DCM_PixelData, pixels, &count).bad() || count == 0)
            {
                std::fprintf(stderr, "%s can't be read\n", name.c_str());
                return 1;
            }
            sum += pixels[count / 2];
        }
        std::printf("%.6f %.6f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), double(std::clock() - processor) / CLOCKS_PER_SEC);
    }
    return sum == 1; // keeps the reads
}
