// The operators of lib/ops against LibTorch: another definition, another gradient (autograd), other code. LibTorch computes in float64 and
// rounds once, so the tolerances are those of our float32 operators alone.
#include <cmath>

#include "gtest/gtest.h"
#include "lib/ops/attention.h"
#include "lib/ops/elementwise.h"
#include "lib/ops/matmul.h"
#include "lib/ops/optimizer.h"
#include "lib/ops/softmax.h"
#include "lib/ops/test_util.h"
#include "lib/torch/loader.h"

namespace hone {
namespace {

using ops::Differs;
using ops::RandomFloats;
using Floats = std::vector<float>;

class TorchOracle : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TorchBackend> backend = TorchBackend::Load();
    if (!backend.ok()) GTEST_SKIP() << backend.status().message();
    backend_ = std::make_unique<TorchBackend>(*std::move(backend));
    ASSERT_TRUE(backend_->SetNumThreads(1).ok());
    context_ = std::make_unique<ops::TestContext>(2);
  }
  const HoneTorchApi& api() const { return backend_->api(); }
  // For EXPECT_EQ(.., "").
  std::string Error(int result) const { return std::string(backend_->Check(result).message()); }
  operator const ops::Context&() const { return *context_; }

  std::unique_ptr<TorchBackend> backend_;
  std::unique_ptr<ops::TestContext> context_;
};

void RoundToBFloat16(Floats& x) {
  for (float& v : x) v = BFloat16ToFloat(FloatToBFloat16(v));
}
std::vector<uint8_t> Pack(ops::WeightShape shape, DType dtype, const Floats& rows) {
  std::vector<uint8_t> packed(ops::PackedElements(shape) * SizeOf(dtype));
  ops::PackRows(shape, dtype, 0, shape.n, rows.data(), packed.data());
  return packed;
}

TEST_F(TorchOracle, LinearAndItsGradientsAgree) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    for (const auto& [m, n, k] : {std::array<int64_t, 3>{1, 16, 2}, {3, 17, 31}, {16, 192, 576}, {65, 100, 1536}}) {
      const std::string what = fmt::format("m {} n {} k {} {}", m, n, k, Name(dtype));
      Floats x = RandomFloats(1, m * k), w = RandomFloats(2, n * k), dy = RandomFloats(3, m * n);
      if (dtype == DType::kBFloat16) {
        // What the bf16 kernels round; so nothing is left but the order of summation.
        for (Floats* values : {&x, &w, &dy}) RoundToBFloat16(*values);
      }
      Floats y(m * n), dx(m * k), dw(n * k), got_y(m * n), got_dx(m * k), got_dw(n * k);
      ASSERT_EQ(Error(api().linear_grad(m, n, k, x.data(), w.data(), dy.data(), y.data(), dx.data(), dw.data())), "") << what;

      const auto packed = Pack({n, k}, dtype, w);
      const ops::Weight weight{{n, k}, dtype, packed.data()};
      ops::Linear(*this, m, x.data(), k, weight, nullptr, got_y.data(), n, false);
      ops::LinearInputGrad(*this, m, dy.data(), n, weight, got_dx.data(), k, false);
      Floats packed_dw(ops::PackedElements({n, k}));
      ops::LinearWeightGrad(*this, m, x.data(), k, dy.data(), n, {{n, k}, packed_dw.data()}, dtype, false);
      ops::UnpackRows({{n, k}, DType::kFloat32, packed_dw.data()}, 0, n, got_dw.data());
      // A chain over K normal products rounds K sums that grow like sqrt(K): the errors add up to a standard deviation of about
      // 0.4 * 2^-24 * K, and six of them cover 150,000 elements.
      const auto bound = [](int64_t terms) { return 1e-6 + 1.5e-7 * static_cast<double>(terms); };
      EXPECT_EQ(Differs(got_y, y, bound(k), 1e-6), "") << what;
      EXPECT_EQ(Differs(got_dx, dx, bound(n), 1e-6), "") << what;
      EXPECT_EQ(Differs(got_dw, dw, bound(m), 1e-6), "") << what;
    }
  }
}

TEST_F(TorchOracle, RmsNormAndItsGradientsAgree) {
  for (const auto& [m, c] : {std::array<int64_t, 2>{1, 1}, {2, 7}, {5, 64}, {33, 576}, {3, 1537}}) {
    for (const double scale : {1e-3, 1.0, 50.0}) {
      const std::string what = fmt::format("m {} c {} scale {}", m, c, scale);
      const Floats x = RandomFloats(1, m * c, scale), weight = RandomFloats(2, c), dy = RandomFloats(3, m * c);
      const float eps = 1e-5f;
      Floats y(m * c), dx(m * c), dweight(c), got_y(m * c), got_dx(m * c), got_dweight(c), rstd(m);
      ASSERT_EQ(Error(api().rms_norm(m, c, eps, x.data(), weight.data(), dy.data(), y.data(), dx.data(), dweight.data())), "") << what;
      ops::RmsNorm(*this, m, c, x.data(), c, weight.data(), eps, got_y.data(), c, rstd.data());
      ops::RmsNormGrad(*this, m, c, x.data(), c, weight.data(), rstd.data(), dy.data(), c, got_dx.data(), c, false, got_dweight.data());
      EXPECT_EQ(Differs(got_y, y, 1e-6, 1e-6), "") << what;
      // dx is a difference of terms of size rstd |dy| |weight|, up to about 10 rstd, and a sum over c rounds like sqrt(c).
      double largest = 0;
      for (const float r : rstd) largest = std::max(largest, static_cast<double>(r));
      EXPECT_EQ(Differs(got_dx, dx, 4e-6 * largest, 2e-6), "") << what;
      EXPECT_EQ(Differs(got_dweight, dweight, 1e-5, 1e-6), "") << what;
    }
  }
}

TEST_F(TorchOracle, SwiGluAndItsGradientAgree) {
  for (const auto& [m, f] : {std::array<int64_t, 2>{1, 1}, {3, 9}, {17, 1536}}) {
    for (const double scale : {1.0, 20.0}) {
      const std::string what = fmt::format("m {} f {} scale {}", m, f, scale);
      const Floats gate_up = RandomFloats(1, m * 2 * f, scale), dy = RandomFloats(2, m * f);
      Floats y(m * f), dgate_up(m * 2 * f), got_y(m * f), got_dgate_up(m * 2 * f);
      ASSERT_EQ(Error(api().swiglu(m, f, gate_up.data(), dy.data(), y.data(), dgate_up.data())), "") << what;
      ops::SwiGlu(*this, m, f, gate_up.data(), got_y.data());
      ops::SwiGluGrad(*this, m, f, gate_up.data(), dy.data(), got_dgate_up.data());
      // Some ulps of a sigmoid; its gradient 1 + g (1 - s) cancels near g = -1.28.
      EXPECT_EQ(Differs(got_y, y, 1e-6, 2e-6), "") << what;
      EXPECT_EQ(Differs(got_dgate_up, dgate_up, 3e-6 * scale, 3e-6), "") << what;
    }
  }
}

// Which rows a row sees: those of its own segment and of the segment's parent up to itself, within the window.
std::vector<uint8_t> Mask(const std::vector<ops::Segment>& segments, int64_t rows, int64_t window) {
  std::vector<uint8_t> sees(rows * rows);
  for (const ops::Segment& segment : segments) {
    std::vector<int64_t> chain;  // row by position
    if (segment.parent >= 0) {
      for (int64_t i = 0; i < segments[segment.parent].row_count; ++i) chain.push_back(segments[segment.parent].row_begin + i);
    }
    const size_t own = chain.size();
    for (int64_t i = 0; i < segment.row_count; ++i) chain.push_back(segment.row_begin + i);
    for (size_t i = own; i < chain.size(); ++i) {
      for (size_t j = 0; j <= i; ++j) {
        if (window == 0 || static_cast<int64_t>(i - j) < window) sees[chain[i] * rows + chain[j]] = 1;
      }
    }
  }
  return sees;
}

TEST_F(TorchOracle, AttentionAndItsGradientAgree) {
  struct Case {
    std::vector<ops::Segment> segments;
    int64_t rows, window;
    bool causal;  // LibTorch makes its own mask
  };
  const Case cases[] = {
      {{{0, 1, -1}}, 1, 0, true},
      {{{0, 70, -1}}, 70, 0, true},
      {{{0, 40, -1}}, 40, 5, false},
      {{{0, 13, -1}, {13, 20, 0}, {33, 1, 0}, {34, 9, -1}, {43, 8, -1}, {51, 16, 4}}, 67, 0, false},  // prompts with completions
  };
  for (const auto& [heads, kv_heads, dim] : {std::array<int64_t, 3>{1, 1, 8}, {9, 3, 64}, {14, 2, 64}, {6, 2, 10}}) {
    for (const Case& c : cases) {
      for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
        const std::string what =
            fmt::format("heads {} kv_heads {} dim {} rows {} window {} {}", heads, kv_heads, dim, c.rows, c.window, Name(dtype));
        const ops::AttentionShape shape{heads, kv_heads, dim, static_cast<float>(1 / std::sqrt(static_cast<double>(dim))), c.window};
        const int64_t width = shape.qkv_width(), out_width = heads * dim;
        Floats qkv = RandomFloats(1, c.rows * width);
        const Floats dout = RandomFloats(2, c.rows * out_width);
        if (dtype == DType::kBFloat16) RoundToBFloat16(qkv);  // then rounding keys and values changes nothing
        Floats out(c.rows * out_width), lse(c.rows * heads), dqkv(c.rows * width), got_out = out, got_lse = lse, got_dqkv = dqkv;
        const auto sees = Mask(c.segments, c.rows, c.window);
        ASSERT_EQ(Error(api().attention(c.rows, heads, kv_heads, dim, shape.scale, c.causal ? nullptr : sees.data(), qkv.data(),
                                        dout.data(), out.data(), lse.data(), dqkv.data())),
                  "")
            << what;
        ops::TreeAttention(*this, shape, c.segments, qkv.data(), width, dtype, got_out.data(), out_width, got_lse.data());
        ops::TreeAttentionGrad(*this, shape, c.segments, qkv.data(), width, dtype, got_out.data(), out_width, got_lse.data(), dout.data(),
                               out_width, got_dqkv.data(), width);
        // Scores of up to 6 in size carry float32 rounding of about 128 * 2^-24 * 6, which exp turns into a relative error of p; a key's
        // gradient is a sum over all rows and over the heads that share it.
        EXPECT_EQ(Differs(got_out, out, 5e-6, 5e-6), "") << what;
        EXPECT_EQ(Differs(got_lse, lse, 5e-6, 1e-6), "") << what;
        EXPECT_EQ(Differs(got_dqkv, dqkv, 3e-5, 1e-5), "") << what;
      }
    }
  }
}

TEST_F(TorchOracle, LogProbsEntropyAndTheirGradientAgree) {
  for (const auto& [m, v] : {std::array<int64_t, 2>{1, 2}, {4, 513}, {3, 49152}}) {
    for (const double scale : {1.0, 8.0}) {
      const std::string what = fmt::format("m {} v {} scale {}", m, v, scale);
      const Floats logits = RandomFloats(1, m * v, scale), coef = RandomFloats(2, m), entropy_coef = RandomFloats(3, m);
      Floats temperature, logprob(m), entropy(m), dlogits(m * v), got_logprob(m), got_dlogits = logits;
      std::vector<int32_t> target;
      for (int64_t i = 0; i < m; ++i) {
        temperature.push_back(0.6f + 0.3f * static_cast<float>(i));
        target.push_back(static_cast<int32_t>(v - 1 - i % 2));
      }
      ASSERT_EQ(Error(api().log_probs(m, v, logits.data(), temperature.data(), target.data(), coef.data(), entropy_coef.data(),
                                      logprob.data(), entropy.data(), dlogits.data())),
                "")
          << what;
      std::vector<ops::SoftmaxStats> stats(m);
      ops::LogProbs(*this, m, v, logits.data(), v, temperature, target, got_logprob.data(), stats.data());
      ops::LogProbsGrad(*this, m, v, got_dlogits.data(), v, temperature, target, stats, coef, entropy_coef);
      Floats got_entropy;
      for (const auto& s : stats) got_entropy.push_back(s.entropy);
      // z - max is rounded in float32: up to 100 * 2^-24 here.
      EXPECT_EQ(Differs(got_logprob, logprob, 1e-5, 1e-6), "") << what;
      EXPECT_EQ(Differs(got_entropy, entropy, 1e-5, 2e-6), "") << what;
      EXPECT_EQ(Differs(got_dlogits, dlogits, 1e-6, 5e-5), "") << what;
    }
  }
}

TEST_F(TorchOracle, AdamWAgreesWithTheFusedOneOverSeveralSteps) {
  for (const int64_t n : {1, 31, 5000}) {
    for (const float weight_decay : {0.0f, 0.1f}) {
      const std::string what = fmt::format("n {} weight_decay {}", n, weight_decay);
      Floats master = RandomFloats(1, n, 0.05), moment1(n), moment2(n);
      Floats got_master = master, got_moment1 = moment1, got_moment2 = moment2;
      for (int64_t step = 1; step <= 5; ++step) {
        const Floats grad = RandomFloats(10 + step, n);
        const ops::AdamWParams params = {.lr = 1e-3f, .beta2 = 0.95f, .weight_decay = weight_decay, .step = step};
        ASSERT_EQ(Error(api().adamw(n, step, params.lr, params.beta1, params.beta2, params.eps, params.weight_decay, grad.data(),
                                    master.data(), moment1.data(), moment2.data())),
                  "")
            << what;
        ops::AdamW(*this, n, params, grad.data(), got_master.data(), got_moment1.data(), got_moment2.data(), DType::kFloat32, nullptr,
                   false);
      }
      // Five steps of lr times up to 4, each with some roundings, and the rounding of the master itself.
      EXPECT_EQ(Differs(got_master, master, 5e-8, 1e-6), "") << what;
      EXPECT_EQ(Differs(got_moment1, moment1, 3e-7, 1e-6), "") << what;
      EXPECT_EQ(Differs(got_moment2, moment2, 3e-7, 1e-6), "") << what;
    }
  }
}

// For how many of the 11 sizes 1 to 8, 16, 32 and 64 the rows differ from the same rows among 128.
template <class Multiply>
int SizesWithAnotherRow(int64_t k, int64_t n, const Multiply& multiply) {
  const Floats x = RandomFloats(1, 128 * k);
  Floats all(128 * n), some(128 * n);
  multiply(128, x.data(), all.data());
  int different = 0;
  for (int64_t m = 1; m <= 64; m = m < 8 ? m + 1 : m * 2) {
    multiply(m, x.data(), some.data());
    different += !ops::SameBits(all.data(), some.data(), m * n);
  }
  return different;
}

TEST_F(TorchOracle, OurRowsDoNotDependOnTheirNumberAndLibTorchsAreCounted) {
  for (const DType dtype : {DType::kBFloat16, DType::kFloat32}) {
    const int64_t n = 192, k = 576;
    const Floats w = RandomFloats(2, n * k, 0.05);
    const auto packed = Pack({n, k}, dtype, w);
    EXPECT_EQ(SizesWithAnotherRow(k, n,
                                  [&](int64_t m, const float* x, float* y) {
                                    ops::Linear(*this, m, x, k, {{n, k}, dtype, packed.data()}, nullptr, y, n, false);
                                  }),
              0)
        << Name(dtype);
    const auto linear = TorchLinear::Create(*backend_, {n, k}, dtype, w.data());
    ASSERT_TRUE(linear.ok()) << linear.status();
    absl::Status status;
    const int theirs =
        SizesWithAnotherRow(k, n, [&](int64_t m, const float* x, float* y) { status.Update(linear->Run(m, x, y).status()); });
    ASSERT_TRUE(status.ok()) << status;
    // A fact about LibTorch on this machine, not a promise of ours: only told.
    RecordProperty(fmt::format("at_linear_{}_sizes_with_another_row", Name(dtype)), theirs);
    std::printf("at::linear %s: %d of 11 sizes give other rows\n", Name(dtype), theirs);
  }
}

TEST_F(TorchOracle, TheWorkingPrecisionLinearIsNearOurs) {
  const int64_t m = 5, n = 48, k = 64;
  const Floats w = RandomFloats(1, n * k), x = RandomFloats(2, m * k);
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    const auto packed = Pack({n, k}, dtype, w);
    Floats ours(m * n), theirs(m * n);
    ops::Linear(*this, m, x.data(), k, {{n, k}, dtype, packed.data()}, nullptr, ours.data(), n, false);
    const auto linear = TorchLinear::Create(*backend_, {n, k}, dtype, w.data());
    ASSERT_TRUE(linear.ok()) << linear.status();
    const auto seconds = linear->Run(m, x.data(), theirs.data());
    ASSERT_TRUE(seconds.ok()) << seconds.status();
    EXPECT_GT(*seconds, 0);
    // LibTorch rounds x and the result to bf16; ours keeps what the instruction set allows.
    EXPECT_EQ(Differs(ours, theirs, dtype == DType::kFloat32 ? 1e-5 : 0.15, dtype == DType::kFloat32 ? 1e-6 : 0.01), "") << Name(dtype);
  }
}

TEST_F(TorchOracle, AnErrorOfLibTorchBecomesAStatus) {
  const Floats logits = {1, 2}, one = {1};
  const std::vector<int32_t> outside = {7};
  Floats logprob(1), entropy(1), dlogits(2);
  const absl::Status status = backend_->Check(api().log_probs(1, 2, logits.data(), one.data(), outside.data(), one.data(), one.data(),
                                                              logprob.data(), entropy.data(), dlogits.data()));
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("out of bounds"), absl::string_view::npos) << status;
}

}  // namespace
}  // namespace hone
