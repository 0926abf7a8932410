#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

namespace hone::transport_internal {

// A channel with the folder's limits and keepalive and a connection of its own.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address);

}  // namespace hone::transport_internal
