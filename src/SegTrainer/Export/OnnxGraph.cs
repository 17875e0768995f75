using System.Runtime.InteropServices;
using Google.Protobuf;
using SoftSeg.SegTrainer.Export.Onnx;

namespace SoftSeg.SegTrainer.Export;

/// <summary>Builds an ONNX model (IR version 8, operator set 17) node by node; every method returns the name of its output.</summary>
sealed class OnnxGraph
{
    const int IrVersion = 8;
    const int Opset = 17;

    /// <summary>What the node is called that <see cref="BothSigns"/> adds.</summary>
    public const string BothSignsName = "bothSigns";

    readonly GraphProto graph;

    public OnnxGraph(string name) => graph = new GraphProto { Name = name };

    /// <summary>A float input; a null side is dynamic and gets the axis's name.</summary>
    public string Input(string name, params (string Axis, long? Size)[] axes)
    {
        graph.Input.Add(Describe(name, axes));
        return name;
    }

    /// <summary>A whole number that a caller may give, and that is <paramref name="otherwise"/> where none is given.</summary>
    public string Option(string name, long otherwise)
    {
        graph.Input.Add(Describe(name, [("one", 1)], TensorProto.Types.DataType.Int64));
        return Whole(name, otherwise);
    }

    /// <summary>Cuts pixels off each end of the last axes, times what the option says.</summary>
    public string Cut(string input, string name, long pixels, int spatial, string option)
    {
        long[] end = [0, 0, .. Enumerable.Repeat(-pixels, spatial)];
        return Node("Pad", name, [input, Node("Mul", $"{name}.times", [option, Whole($"{name}.pads", [.. end, .. end])])]);
    }

    /// <summary>The result of the last node added, under another name.</summary>
    public void Output(string name, params (string Axis, long? Size)[] axes)
    {
        graph.Node[^1].Output[0] = name;
        graph.Output.Add(Describe(name, axes));
    }

    /// <summary>A convolution of the given kernel, with stride 1 and as much zero padding as keeps the sides.</summary>
    public string Convolution(string input, string name, float[] kernel, long[] shape, float[]? bias = null)
    {
        var spatial = shape.Length - 2;
        var width = shape[^1];
        string[] inputs = [input, Tensor($"{name}.weight", shape, kernel)];
        return Node("Conv", name, bias is null ? inputs : [.. inputs, Tensor($"{name}.bias", [shape[0]], bias)],
            Ints("kernel_shape", Enumerable.Repeat(width, spatial)),
            Ints("pads", Enumerable.Repeat(width / 2, 2 * spatial)));
    }

    /// <summary>A transposed convolution without bias whose stride is its kernel's width.</summary>
    public string Transposed(string input, string name, float[] kernel, long[] shape)
    {
        var sides = Enumerable.Repeat(shape[^1], shape.Length - 2).ToArray();
        return Node("ConvTranspose", name, [input, Tensor($"{name}.weight", shape, kernel)], Ints("kernel_shape", sides), Ints("strides", sides));
    }

    /// <summary>The maximum of each block two wide.</summary>
    public string MaxPool(string input, string name, int spatial) =>
        Node("MaxPool", name, [input], Ints("kernel_shape", Enumerable.Repeat(2L, spatial)), Ints("strides", Enumerable.Repeat(2L, spatial)));

    public string Relu(string input, string name) => Node("Relu", name, [input]);

    /// <summary>The sum of two tensors; sides of 1 are repeated.</summary>
    public string Add(string first, string second, string name) => Node("Add", name, [first, second]);

    /// <summary>Channels of one after channels of the other.</summary>
    public string Concat(string first, string second, string name) => Node("Concat", name, [first, second], Axis(1));

    /// <summary>Every sample of a batch, and after them every sample with its sign turned.</summary>
    public string BothSigns(string input) => Node("Concat", BothSignsName, [input, Node("Neg", "turned", [input])], Axis(0));

    /// <summary>The mean of a batch's first half and its second.</summary>
    public string MeanOfHalves(string input)
    {
        var halves = new NodeProto { OpType = "Split", Name = "halves" };
        halves.Input.Add(input);
        halves.Output.Add(["halves.first", "halves.second"]);
        halves.Attribute.Add(Axis(0));
        graph.Node.Add(halves);
        return Node("Mean", "mean", [.. halves.Output]);
    }

    public string Sigmoid(string input, string name) => Node("Sigmoid", name, [input]);

    /// <summary>The model's bytes; the same graph always gives the same bytes.</summary>
    public byte[] ToModel(string producerVersion, string description)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "softseg-train",
            ProducerVersion = producerVersion,
            DocString = description,
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        return model.ToByteArray();
    }

    string Node(string type, string name, string[] inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = name };
        node.Input.Add(inputs);
        node.Output.Add($"{name}.{type}");
        node.Attribute.Add(attributes);
        graph.Node.Add(node);
        return node.Output[0];
    }

    string Tensor(string name, long[] shape, float[] values) =>
        Constant(name, shape, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values.AsSpan()));

    string Whole(string name, params long[] values) =>
        Constant(name, [values.Length], TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values.AsSpan()));

    string Constant(string name, long[] shape, TensorProto.Types.DataType type, ReadOnlySpan<byte> values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(values) };
        tensor.Dims.Add(shape);
        graph.Initializer.Add(tensor);
        return name;
    }

    static AttributeProto Axis(long axis) => new() { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = axis };

    static AttributeProto Ints(string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    static ValueInfoProto Describe(string name, (string Axis, long? Size)[] axes, TensorProto.Types.DataType kind = TensorProto.Types.DataType.Float)
    {
        var shape = new TensorShapeProto();
        foreach (var (axis, size) in axes)
            shape.Dim.Add(size is { } side ? new TensorShapeProto.Types.Dimension { DimValue = side } : new TensorShapeProto.Types.Dimension { DimParam = axis });
        var type = new TypeProto.Types.Tensor { ElemType = (int)kind, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}
