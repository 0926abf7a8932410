// A gRPC service that commits faults on request (test_behaviour.h), written as an author of plugins would: with the generated code alone.
// The first process starts the serving one again when it has crashed.
//
//   faulty_service ADDRESS
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <limits>
#include <thread>

#include "hone/verifier/v1/verifier_service.grpc.pb.h"
#include "tests/conformance/test_behaviour.h"

namespace {
namespace v1 = hone::verifier::v1;

class Service final : public v1::VerifierService::Service {
  grpc::Status Describe(grpc::ServerContext*, const v1::DescribeRequest* request, v1::DescribeResponse* response) override {
    v1::Description* description = response->mutable_description();
    description->set_name("faulty");
    description->set_version(3);
    description->set_params_schema(R"({"type":"object","properties":{"mode":{"type":"string","enum":["plain","other"]}}})");
    description->set_range_max(1);
    description->add_parts("half");
    description->set_deterministic(true);
    description->set_max_batch(100);
    return grpc::Status::OK;
  }

  grpc::Status Verify(grpc::ServerContext* context, const v1::VerifyRequest* request,
                      grpc::ServerWriter<v1::VerifyResponse>* writer) override {
    v1::VerifyResponse response;
    for (const v1::Sample& sample : request->samples()) {
      const std::string& what = sample.completion();
      if (what == "error") return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "as asked");
      if (what == "crash") {
        std::abort();
      } else if (what == "hang") {
        while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      } else if (what == "late") {
        std::this_thread::sleep_for(std::chrono::milliseconds(hone_test::kLateMilliseconds));
      }
      if (what == "missing") continue;
      v1::Verdict* verdict = response.add_verdicts();
      verdict->set_id(what == "wrong_id" ? sample.id() + 1 : sample.id());
      verdict->set_reason("scored");
      const double value = hone_test::ScoreOf(what, sample.reference());
      if (what == "na") {
        verdict->mutable_not_applicable()->set_why("as asked");
      } else if (what == "task") {
        verdict->mutable_task_error()->set_why("as asked");
      } else if (what == "infra" || what == "retry") {
        verdict->mutable_infra_error()->set_retryable(what == "retry");
      } else if (what != "unset") {
        verdict->mutable_score()->set_value(what == "nan" ? std::numeric_limits<double>::quiet_NaN() : what == "range" ? 2 : value);
        v1::ScorePart* part = verdict->mutable_score()->add_parts();
        part->set_name(what == "part" ? "undeclared" : "half");
        part->set_value(value / 2);
      }
      if (what == "twice") {
        v1::VerifyResponse again;
        *again.add_verdicts() = *verdict;
        again.mutable_verdicts(0)->mutable_score()->set_value(0.125);
        writer->Write(again);
      }
    }
    writer->Write(response);
    return grpc::Status::OK;
  }
};

int Serve(const std::string& address) {
  Service service;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(64 << 20);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  server->Wait();
  return 0;
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string address = argv[1];
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    if (address.starts_with("unix:")) ::unlink(address.c_str() + 5);
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      return Serve(address);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) return WEXITSTATUS(status);
  }
}
