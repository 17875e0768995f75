import com.pixelmed.validate.DicomSRValidator;

/** PixelMed's validator over many files: its own program compiles the templates anew for each. */
public class ValidateReports {
    public static void main(String[] files) throws Exception {
        DicomSRValidator validator = new DicomSRValidator();
        for (String file : files) {
            System.out.println("File: " + file);
            System.out.println(validator.validate(file));
        }
    }
}
